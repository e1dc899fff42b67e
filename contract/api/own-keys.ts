import * as z from 'zod'
import { base, errors } from '../base.ts'
import { BindCodeSchema, DeviceIdSchema } from '../model/box-names.ts'
import { CredentialKindSchema, DialectSchema, GatewaySchema } from '../model/gateway.ts'
import { IdSchema } from '../model/ids.ts'
import { GroupRefSchema } from './groups.ts'

const CodeSchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/, 'use 1 to 30 letters, digits, dots, dashes or underscores')

const PlaceSchema = z.object({
  tenant: z.string().max(64).optional().describe('Id or slug; may be left out where there is one tenant'),
  group: GroupRefSchema.optional().describe('Id, or path `Plant 1/Line 2`'),
  profile: z.string().trim().min(1).max(100).optional().describe('Id or name of a gateway profile'),
  dialect: DialectSchema.optional(),
  credential: CredentialKindSchema.optional(),
  code: CodeSchema.optional(),
  name: z.string().trim().min(1).max(100).optional(),
})

/** Gateways that made their own key: enrolled from a certificate request, bound by the QR code on the box. */
export const ownKeyProcedures = {
  // Not "bind": a client's procedures are functions, which have that already.
  bindBox: base
    .meta({ access: 'claims:accept', audit: 'gateway.bind' })
    .route({
      method: 'POST',
      path: '/gateways/bind',
      tags: ['Gateways'],
      summary: 'Bind a box to the caller by the QR code on it',
      description:
        'The box waits with a certificate request, or was signed before it was sold. Its fingerprint and public key are compared; it becomes a gateway whose owner is the caller, gets the command `bind`, and is active once it has acknowledged that. No claim window is needed.',
      successStatus: 201,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'bind_refused',
        'bind_conflict',
        'csr_refused',
        'mac_taken',
        'label_taken',
        'code_taken',
        'alias_taken',
        'quota_gateways',
        'dialect_unknown',
        'commands_unsupported',
      ),
    )
    .input(BindCodeSchema.extend(PlaceSchema.shape))
    .output(GatewaySchema),
  resendBind: base
    .meta({ access: 'gateways:write', audit: 'gateway.resend_bind' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/bind/resend',
      tags: ['Gateways'],
      summary: 'Send the command `bind` again to a gateway that has not acknowledged it',
    })
    .errors(errors('not_found', 'bind_conflict', 'commands_unsupported', 'too_many_commands'))
    .input(z.object({ gateway: z.string().min(1).max(64), tenant: z.string().max(64).optional() }))
    .output(GatewaySchema),
  signCsr: base
    .meta({ access: 'gateways:write', audit: 'gateway.sign_csr' })
    .route({
      method: 'POST',
      path: '/gateways/sign-csr',
      tags: ['Gateways'],
      summary: 'Create a gateway from the certificate request of a box that made its own key',
      description:
        'With `bind` it is signed ahead of its sale: it waits for somebody who binds it by its QR code, whose content is in the answer.',
      successStatus: 201,
    })
    .errors(
      errors(
        'csr_refused',
        'mac_invalid',
        'mac_taken',
        'code_taken',
        'label_taken',
        'alias_taken',
        'tenant_unknown',
        'quota_gateways',
        'not_found',
        'forbidden_reach',
        'dialect_unknown',
      ),
    )
    .input(
      PlaceSchema.extend({
        csr: z
          .string()
          .min(1)
          .max(64 * 1024)
          .describe('PEM, or base64 of DER'),
        mac_address: z.string().max(64).optional(),
        device_id: DeviceIdSchema.optional(),
        label: z
          .string()
          .trim()
          .regex(/^[A-Z0-9][A-Z0-9-]{2,31}$/, 'use 3 to 32 capital letters, digits and dashes')
          .optional(),
        bind: z.boolean().default(false),
      }),
    )
    .output(
      z.object({
        gateway_id: IdSchema,
        mac_address: z.string().nullable(),
        code: z.string(),
        label: z.string(),
        certificate_pem: z.string().describe('The certificate and its issuing CA'),
        ca_pem: z.string(),
        expires_at: z.date(),
        serial_number: z.string(),
        mqtt_broker: z.string(),
        mqtt_port: z.number().int(),
        mqtt_client_id: z.string(),
        mqtt_topic: z.string(),
        /** Null where it needs no binding. */
        qr: z.object({ deviceId: z.string(), fingerprint: z.string(), publicKey: z.string() }).nullable(),
      }),
    ),
}
