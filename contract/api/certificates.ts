import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'

export const certificateKinds = [
  'device_root',
  'device_issuing',
  'server_issuing',
  'web_ca',
  'broker',
  'web',
  'gateway',
] as const

export const CertificateSchema = z.object({
  id: IdSchema,
  kind: z.enum(certificateKinds),
  gatewayId: IdSchema.nullable(),
  gatewayCode: z.string().nullable(),
  gatewayName: z.string().nullable(),
  subject: z.string(),
  issuer: z.string().nullable(),
  serial: z.string(),
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: z.string(),
  keyAlgorithm: z.string(),
  notBefore: z.date(),
  notAfter: z.date(),
  /** When it should be renewed (domain: two years before expiry, or at 2/3 of lives under six years). */
  dueAt: z.date(),
  state: z.enum(['active', 'revoked', 'superseded']),
  revokedAt: z.date().nullable(),
  revocationReason: z.string().nullable(),
  /** Whether the private key still waits to be handed over. */
  credentialWaiting: z.boolean(),
})
export type Certificate = z.infer<typeof CertificateSchema>

const GatewayRefSchema = z.object({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
})

export const certificates = {
  list: base
    .meta({ access: 'certificates:read' })
    .route({
      method: 'GET',
      path: '/certificates',
      tags: ['Certificates'],
      summary: 'Certificates of the site and its gateways',
    })
    .errors(errors('not_found'))
    .input(z.object({ gateway: z.string().max(64).optional(), tenant: z.string().max(64).optional() }))
    .output(z.object({ certificates: z.array(CertificateSchema) })),
  crl: base
    .meta({ access: 'certificates:read' })
    .route({
      method: 'GET',
      path: '/certificates/crl',
      tags: ['Certificates'],
      summary: 'State of the revocation list; the list itself is at /pki/crl',
    })
    .output(
      z.object({
        number: z.number().int(),
        thisUpdate: z.date(),
        nextUpdate: z.date(),
        entries: z.number().int(),
      }),
    ),
  /** The device root as PEM: what gateways trust. */
  ca: base
    .meta({ access: 'certificates:read' })
    .output(z.object({ devicePem: z.string(), webPem: z.string() })),
  credentials: base
    .meta({ access: 'certificates:write', audit: 'certificate.handover' })
    .route({
      method: 'GET',
      path: '/gateways/{gateway}/credentials',
      tags: ['Certificates'],
      summary: 'The ZIP of a gateway: certificate, private key, CA, configuration',
      description:
        'Works until the receiver confirms, the credential proves itself in a first session, or 24 hours have passed; then it answers 410.',
    })
    .errors(errors('not_found', 'credential_gone'))
    .input(GatewayRefSchema)
    .output(z.file()),
  received: base
    .meta({ access: 'certificates:write', audit: 'certificate.received' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/credentials/received',
      tags: ['Certificates'],
      summary: 'Confirm the hand-over: the site erases its copy of the private key',
    })
    .errors(errors('not_found', 'credential_gone'))
    .input(GatewayRefSchema)
    .output(z.object({ erased: z.literal(true) })),
}
