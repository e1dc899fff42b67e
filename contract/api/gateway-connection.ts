import * as z from 'zod'
import { base, errors } from '../base.ts'
import { toGatewayKinds, toSiteKinds } from '../model/dialect.ts'
import { AliasSchema, CredentialKindSchema, DialectSchema, GatewaySchema } from '../model/gateway.ts'
import { ProvisionedSchema } from './gateways.ts'

/** A gateway's id, or its code; a code that several tenants use needs `tenant`. */
const GatewayRefSchema = z.object({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
})

/** What keeps a gateway out, or from what it may do, however right its credential is. */
export const connectionProblems = [
  'password_gateways_off',
  'password_listener_off',
  'bind_pending',
  'alias_missing',
  'suspended',
  'revoked',
] as const
export type ConnectionProblem = (typeof connectionProblems)[number]

/** One of each kind. */
function aliases<T extends z.ZodType>(each: T) {
  return z.strictObject({ topic: each, tenant: each, user: each, client_id: each, username: each })
}

/** Everything that a gateway's program is told, but its secret. */
export const GatewayConnectionSchema = z.object({
  dialect: z.object({ name: DialectSchema, title: z.string() }),
  /** Whether the dialect is its profile's, and follows it. */
  dialectOfProfile: z.boolean(),
  profile: GatewaySchema.shape.profile,
  credential: CredentialKindSchema,
  aliases: aliases(z.string().nullable()),
  /** The site's names and addresses, the one to try first at the front. */
  hosts: z.array(z.string()),
  /** Of the listener for its credential, open or not. */
  port: z.number().int(),
  /** Of MQTT over WebSocket, path `/mqtt`; null where that is off. */
  websocketPort: z.number().int().nullable(),
  clientId: z.string(),
  /** Null: it shows its certificate alone. */
  username: z.string().nullable(),
  /** What it sends as password. */
  password: z.enum(['none', 'secret', 'fingerprint']),
  /** What stands in braces the gateway fills, such as `{n}`; `#` is all below. */
  topics: z.array(
    z.object({
      direction: z.enum(['to_site', 'to_gateway']),
      kind: z.enum([...toSiteKinds, ...toGatewayKinds]),
      topic: z.string(),
      /** May be the topic of its last will. */
      will: z.boolean(),
    }),
  ),
  /** A first reading; null where the dialect has none for this gateway. */
  example: z.object({ topic: z.string(), payload: z.string() }).nullable(),
  /** The same with mosquitto's client, from the folder with the files of the ZIP; empty where there is no example. */
  command: z.string(),
  problems: z.array(z.enum(connectionProblems)),
})
export type GatewayConnection = z.infer<typeof GatewayConnectionSchema>

/** Procedures of the group `gateways` about how they connect. */
export const gatewayConnection = {
  connection: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/gateways/{gateway}/connection',
      tags: ['Gateways'],
      summary: 'How a gateway connects: port, client id, user name, topics, a command to try',
    })
    .errors(errors('not_found'))
    .input(GatewayRefSchema)
    .output(GatewayConnectionSchema),
  configure: base
    .meta({ access: 'gateways:write', audit: 'gateway.configure' })
    .route({
      method: 'PATCH',
      path: '/gateways/{gateway}/connection',
      tags: ['Gateways'],
      summary: 'Set the profile, dialect and other names of a gateway',
      description:
        'What is left out stays. A profile of null takes it out; a dialect of null is that of its profile, else `canonical`; an alias of null is cleared. A live session ends where its rights are others now.',
    })
    .errors(errors('not_found', 'dialect_unknown', 'alias_taken', 'alias_invalid'))
    .input(
      GatewayRefSchema.extend({
        profile: z.string().trim().min(1).max(100).nullable().optional().describe('Id or name'),
        dialect: DialectSchema.nullable().optional(),
        aliases: aliases(AliasSchema.nullable().optional()).optional(),
      }),
    )
    .output(GatewayConnectionSchema),
  renewCredential: base
    .meta({ access: 'certificates:write', audit: 'gateway.renewCredential' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/credential',
      tags: ['Gateways'],
      summary: 'Issue a new credential: the old one ends at once',
      description:
        'For a box that was reset, or one that shall come with another kind of credential. The gateway is claimed again, with its history and readings; a suspended one stays suspended. Where a box makes its own key, let it ask for a certificate instead.',
      successStatus: 201,
    })
    .errors(errors('not_found', 'gateway_state_conflict', 'credential_gone', 'alias_invalid'))
    .input(
      GatewayRefSchema.extend({
        credential: CredentialKindSchema.optional().describe('Left out: the kind that it has'),
        key_algorithm: z.enum(['ec', 'rsa']).optional().describe('Left out: as its profile says, else `ec`'),
      }),
    )
    .output(ProvisionedSchema),
}
