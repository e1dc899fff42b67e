import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { TenantRefSchema } from '../model/tenant-ref.ts'

export const MqttRightsSchema = z.enum(['read', 'write', 'both'])
export type MqttRights = z.infer<typeof MqttRightsSchema>

/** A topic filter, MQTT 3.1.1 4.7: `+` a level, `#` all below and last. */
const FilterSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(
    /^(?!\$)(?:(?:[^+#/\p{Cc}]*|\+)\/)*(?:[^+#/\p{Cc}]*|\+|#)$/u,
    'write a topic filter, such as mw/+/telemetry',
  )

const ClientNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line')

/** What a client sends as its user name. */
const MqttUsernameSchema = z
  .string()
  .min(3)
  .max(64)
  .regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/, 'use lower-case letters, digits and . _ - between them')

export const MqttClientSchema = z.object({
  id: IdSchema,
  name: z.string(),
  username: z.string(),
  tenant: TenantRefSchema,
  /** Null: the whole tenant, or the reach of `owner`. */
  group: z.object({ id: IdSchema, name: z.string() }).nullable(),
  /** Whose own credentials these are. */
  owner: z.object({ id: IdSchema, name: z.string() }).nullable(),
  rights: MqttRightsSchema,
  topics: z.array(z.string()),
  /** Its own topic space. */
  prefix: z.string(),
  hasPassword: z.boolean(),
  passwordSetAt: z.date().nullable(),
  certificate: z.object({ serial: z.string(), fingerprint: z.string(), notAfter: z.date() }).nullable(),
  /** `cut_off`: its tenant or its owner is suspended, or its owner has no rights there any more. */
  state: z.enum(['active', 'suspended', 'expired', 'cut_off']),
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  lastConnectedAt: z.date().nullable(),
  lastAddress: z.string().nullable(),
})
export type MqttClient = z.infer<typeof MqttClientSchema>

/** What a client is given, in the one answer that has it. */
export const MqttCredentialsSchema = z.object({
  password: z.string().nullable(),
  /** PEM; the key is nowhere else. */
  certificate: z.object({ certificatePem: z.string(), privateKeyPem: z.string() }).nullable(),
  /** The device root, which clients trust as `ca.crt`. No secret. */
  caPem: z.string(),
})
export type MqttCredentials = z.infer<typeof MqttCredentialsSchema>

/** Where clients connect; null: that listener is off. */
export const MqttAddressesSchema = z.object({
  mqtts: z.string(),
  passwordMqtts: z.string().nullable(),
  websocket: z.string().nullable(),
})
export type MqttAddresses = z.infer<typeof MqttAddressesSchema>

export const MqttConnectionSchema = z.object({
  connectionId: z.string(),
  kind: z.enum(['gateway', 'client']),
  /** Of the gateway or of the MQTT client. */
  id: IdSchema,
  name: z.string(),
  tenantId: IdSchema,
  /** As it was sent. */
  mqttClientId: z.string(),
  address: z.string(),
  listener: z.enum(['mqtts', 'password', 'websocket']),
  tls: z.string(),
  since: z.number(),
  subscriptions: z.array(z.string()),
  received: z.number().int(),
  sent: z.number().int(),
})
export type MqttConnection = z.infer<typeof MqttConnectionSchema>

const OptionalPortSchema = z.number().int().min(0).max(65_535).nullable()

/** The listeners that are off until a person turns them on; null: off. */
export const MqttListenersSchema = z.object({
  /** MQTT over TLS with user name and password. */
  passwordMqtts: OptionalPortSchema,
  /** WebSocket over TLS, path `/mqtt`, with password or certificate. */
  websocket: OptionalPortSchema,
})
export type MqttListeners = z.infer<typeof MqttListenersSchema>

export const MqttListenersStateSchema = z.object({
  /** What shall be open. */
  wanted: MqttListenersSchema,
  /** What is: null also where it could not be opened, and the port where 0 asked for any. */
  open: MqttListenersSchema,
  /** Those that a flag or the environment decides for this run, whatever is saved. */
  fixed: z.array(z.enum(['passwordMqtts', 'websocket'])),
})
export type MqttListenersState = z.infer<typeof MqttListenersStateSchema>

const ClientRefSchema = z.object({ client: z.string().min(1).max(64).describe('Id or user name') })
const GivenSchema = z.object({ client: MqttClientSchema, credentials: MqttCredentialsSchema })

export const mqttClients = {
  list: base
    .meta({ access: 'mqtt-clients:write' })
    .route({
      method: 'GET',
      path: '/mqtt-clients',
      tags: ['MQTT clients'],
      summary: 'MQTT clients that the caller may see, without their secrets',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }).optional())
    .output(
      z.object({
        clients: z.array(MqttClientSchema),
        addresses: MqttAddressesSchema,
        /** The device root, which clients trust as `ca.crt`. */
        caPem: z.string(),
      }),
    ),
  create: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.create' })
    .route({
      method: 'POST',
      path: '/mqtt-clients',
      tags: ['MQTT clients'],
      summary: 'Make an MQTT client; its password and key are in this answer and nowhere else',
      successStatus: 201,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'rights_beyond',
        'mqtt_username_taken',
        'too_many_mqtt_clients',
      ),
    )
    .input(
      z.object({
        name: ClientNameSchema,
        username: MqttUsernameSchema.optional().describe('Made of the name where left out'),
        tenant: z.string().max(64).optional().describe('Id or slug; may be left out where there is one'),
        group: z.string().max(600).optional().describe('Id or path; left out: the whole tenant'),
        rights: MqttRightsSchema.default('read'),
        topics: z.array(FilterSchema).min(1).max(50).default(['#']),
        credentials: z.enum(['password', 'certificate', 'both']).default('password'),
        expiresInDays: z.number().int().min(1).max(3_650).nullable().default(null),
      }),
    )
    .output(GivenSchema),
  update: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.update' })
    .route({
      method: 'PATCH',
      path: '/mqtt-clients/{client}',
      tags: ['MQTT clients'],
      summary: 'Name, rights, topics, group or end of an MQTT client; counts at once, for live sessions too',
    })
    .errors(errors('not_found', 'forbidden_reach', 'rights_beyond', 'mqtt_client_personal'))
    .input(
      ClientRefSchema.extend({
        name: ClientNameSchema.optional(),
        rights: MqttRightsSchema.optional(),
        topics: z.array(FilterSchema).min(1).max(50).optional(),
        group: z.string().max(600).nullable().optional(),
        expiresAt: z.coerce.date().nullable().optional(),
      }),
    )
    .output(MqttClientSchema),
  rotate: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.rotate' })
    .route({
      method: 'POST',
      path: '/mqtt-clients/{client}/rotate',
      tags: ['MQTT clients'],
      summary: 'A new password or certificate; the one before opens nothing from now on',
    })
    .errors(errors('not_found', 'rights_beyond', 'mqtt_client_personal'))
    .input(ClientRefSchema.extend({ credentials: z.enum(['password', 'certificate']).default('password') }))
    .output(GivenSchema),
  suspend: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.suspend' })
    .route({
      method: 'POST',
      path: '/mqtt-clients/{client}/suspend',
      tags: ['MQTT clients'],
      summary: 'Refuse an MQTT client and end its sessions',
    })
    .errors(errors('not_found'))
    .input(ClientRefSchema)
    .output(MqttClientSchema),
  resume: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.resume' })
    .route({
      method: 'POST',
      path: '/mqtt-clients/{client}/resume',
      tags: ['MQTT clients'],
      summary: 'Let a suspended MQTT client connect again',
    })
    .errors(errors('not_found', 'rights_beyond'))
    .input(ClientRefSchema)
    .output(MqttClientSchema),
  delete: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.delete' })
    .route({
      method: 'DELETE',
      path: '/mqtt-clients/{client}',
      tags: ['MQTT clients'],
      summary:
        'Delete an MQTT client, with its kept sessions and retained messages; its certificates are revoked',
    })
    .errors(errors('not_found'))
    .input(ClientRefSchema)
    .output(z.object({ id: IdSchema })),
  own: base
    .meta({ access: 'person' })
    .route({
      method: 'GET',
      path: '/auth/mqtt-credentials',
      tags: ['MQTT clients'],
      summary: "One's own MQTT credentials, without the password",
    })
    .errors(errors('not_found'))
    .output(
      z.object({
        mqttUser: z.string(),
        topicPrefix: z.string(),
        brokerUrl: z.string().nullable(),
        rights: MqttRightsSchema,
        createdAt: z.date(),
        passwordSetAt: z.date().nullable(),
      }),
    ),
  rotateOwn: base
    .meta({ access: 'person', audit: 'mqtt_client.rotate_own' })
    .route({
      method: 'POST',
      path: '/auth/mqtt-credentials',
      tags: ['MQTT clients'],
      summary: "Make one's own MQTT credentials, or give them a new password, which is in this answer alone",
      successStatus: 201,
    })
    .errors(errors('tenant_unknown', 'account_pending'))
    .output(
      z.object({
        mqttUser: z.string(),
        mqttPassword: z.string(),
        topicPrefix: z.string(),
        /** Null: the listeners for passwords are off. */
        brokerUrl: z.string().nullable(),
      }),
    ),
  connections: base
    .meta({ access: 'mqtt-clients:write' })
    .route({
      method: 'GET',
      path: '/mqtt-connections',
      tags: ['MQTT clients'],
      summary: 'Live MQTT sessions of clients and gateways that the caller may see',
    })
    .output(z.object({ connections: z.array(MqttConnectionSchema) })),
  watchConnections: base
    .meta({ access: 'mqtt-clients:write' })
    .output(eventIterator(z.object({ connections: z.array(MqttConnectionSchema) }))),
  disconnect: base
    .meta({ access: 'mqtt-clients:write', audit: 'mqtt_client.disconnect' })
    .route({
      method: 'DELETE',
      path: '/mqtt-connections/{connectionId}',
      tags: ['MQTT clients'],
      summary: 'End a live MQTT session; whoever it was may connect again',
    })
    .errors(errors('not_found'))
    .input(z.object({ connectionId: z.string().max(64) }))
    .output(z.object({ connectionId: z.string() })),
  listeners: base
    .meta({ access: 'site:write' })
    .route({
      method: 'GET',
      path: '/site/mqtt-listeners',
      tags: ['Site'],
      summary: 'The MQTT listeners that are off until turned on',
    })
    .output(MqttListenersStateSchema),
  updateListeners: base
    .meta({ access: 'site:write', audit: 'site.mqtt_listeners' })
    .route({
      method: 'PUT',
      path: '/site/mqtt-listeners',
      tags: ['Site'],
      summary: 'Turn MQTT with passwords and MQTT over WebSocket on or off; counts at once',
    })
    .errors(errors('port_in_use', 'address_unavailable', 'port_forbidden'))
    .input(MqttListenersSchema)
    .output(MqttListenersStateSchema),
}
