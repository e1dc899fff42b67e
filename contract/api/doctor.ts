import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { ExaminationSchema, SelfTestSchema, SiteSideSchema } from '../model/doctor.ts'

const SubjectSchema = z.object({
  subject: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .describe(
      'Code, id, MAC, label or MQTT client id of a gateway, or an address that something connects from',
    ),
  tenant: z.string().max(64).optional(),
})

export const doctor = {
  examine: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/doctor/examine',
      tags: ['Connection doctor'],
      summary: 'Why a gateway is not connected: what was found, with the evidence and the fix',
      description:
        'What boxes that the site cannot name were refused for is told to people of the whole site, and on a site with one tenant to those of the whole tenant.',
    })
    .errors(errors('tenant_unknown'))
    .input(SubjectSchema)
    .output(ExaminationSchema),
  /** The same, whenever it changed; at most once a second. */
  watch: base
    .meta({ access: 'gateways:read' })
    .errors(errors('tenant_unknown'))
    .input(SubjectSchema)
    .output(eventIterator(ExaminationSchema)),
  selfTest: base
    .meta({ access: 'certificates:write', audit: 'gateway.self_test' })
    .route({
      method: 'POST',
      path: '/doctor/self-test',
      tags: ['Connection doctor'],
      summary: 'Let the site play a gateway against its own broker, step by step',
      description:
        'With a certificate of its own that lives ten minutes at most and is revoked from the start. It stands beside a session of the gateway and does not disturb it; what it publishes goes nowhere.',
    })
    .errors(errors('not_found', 'tenant_unknown', 'self_test_running'))
    .input(z.object({ gateway: z.string().min(1).max(64), tenant: z.string().max(64).optional() }))
    .output(SelfTestSchema),
  site: base
    .meta({ access: 'gateways:read', reach: 'site' })
    .route({
      method: 'GET',
      path: '/doctor/site',
      tags: ['Connection doctor'],
      summary: "The site's own side: addresses, ports, firewall hints, certificate names, clock",
    })
    .output(SiteSideSchema),
}
