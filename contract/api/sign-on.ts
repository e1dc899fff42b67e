import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'

const GroupNameSchema = z.string().trim().min(1).max(256)

/** An address that the site may call for a provider. */
export const SignOnDestinationSchema = z.object({
  origin: z.string().min(1).max(300).describe('`https://id.plant.example:8443`, without a path'),
  insideNetwork: z.boolean().describe('It is inside the plant network, and may have a private address'),
})
export type SignOnDestination = z.infer<typeof SignOnDestinationSchema>

/** What being in a group at the provider makes a person here. */
export const SignOnMappingSchema = z.object({
  group: GroupNameSchema,
  tenantId: IdSchema,
  roleId: z.string().min(1).max(64),
  reach: z.enum(['tenant', 'groups', 'own']),
  groupIds: z.array(IdSchema).max(100).describe('With reach `groups`: these and all below them'),
})
export type SignOnMapping = z.infer<typeof SignOnMappingSchema>

const IssuerSchema = z.string().trim().min(1).max(300)
const CaCertificateSchema = z
  .string()
  .max(20_000)
  .nullable()
  .describe('PEM of a CA to trust beside the public ones')

const settings = {
  name: z.string().trim().min(1).max(60).describe('As it stands on the sign-in page'),
  issuer: IssuerSchema.describe('`https://id.plant.example/realms/plant`'),
  clientId: z.string().trim().min(1).max(300),
  scopes: z.string().trim().max(500).describe('Separated by spaces; `openid` is always asked for'),
  groupClaim: z
    .string()
    .trim()
    .max(200)
    .nullable()
    .describe('`groups`, or a path such as `realm_access.roles`; null: groups give no rights'),
  mappings: z.array(SignOnMappingSchema).max(200),
  siteAdminGroup: GroupNameSchema.nullable(),
  makesAccounts: z.boolean().describe('Whoever their groups give a right gets an account at first sign-in'),
  trustsEmail: z.boolean().describe('E-mail addresses count also where they are not said to be verified'),
  destinations: z.array(SignOnDestinationSchema).max(10),
  caCertificate: CaCertificateSchema,
  enabled: z.boolean(),
}

/** Write-only; null takes it away, left out it stays. */
const ClientSecretSchema = z.string().min(1).max(1_000).nullable().optional()

export const SignOnProviderSchema = z.object({
  id: IdSchema,
  ...settings,
  hasSecret: z.boolean(),
  /** Where the provider sends people back to, by each name of the site: to be registered there. */
  redirectUris: z.array(z.string()),
  createdAt: z.date(),
})
export type SignOnProvider = z.infer<typeof SignOnProviderSchema>

export const SignOnFindingsSchema = z.object({
  issuer: z.string(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  userinfoEndpoint: z.string().nullable(),
  jwksUri: z.string(),
  /** Keys that it signs with now. */
  keys: z.number().int(),
  scopes: z.array(z.string()),
  claims: z.array(z.string()),
  signingAlgorithms: z.array(z.string()),
  /** Whether it says that it takes PKCE with S256; null: it does not say. */
  pkce: z.boolean().nullable(),
  /** Origins that the site would have to call and may not yet. */
  unlisted: z.array(z.string()),
})
export type SignOnFindings = z.infer<typeof SignOnFindingsSchema>

const outbound = [
  'outbound_address_invalid',
  'outbound_not_listed',
  'outbound_inside_network',
  'outbound_address_refused',
  'outbound_failed',
  'sign_on_unavailable',
] as const
const site = { access: 'site:write', reach: 'site' } as const

export const signOn = {
  providers: base
    .meta({ access: 'public' })
    .route({
      method: 'GET',
      path: '/auth/sign-on',
      tags: ['Sign-on'],
      summary: 'Where else people of this site can sign in',
    })
    .output(z.object({ providers: z.array(z.object({ id: IdSchema, name: z.string() })) })),
  list: base
    .meta(site)
    .route({
      method: 'GET',
      path: '/sign-on/providers',
      tags: ['Sign-on'],
      summary: 'OpenID Connect providers and what their groups give',
    })
    .output(z.object({ providers: z.array(SignOnProviderSchema) })),
  create: base
    .meta({ ...site, audit: 'sign_on.create' })
    .route({
      method: 'POST',
      path: '/sign-on/providers',
      tags: ['Sign-on'],
      summary: 'Another provider; its destinations are what the site may call for it',
      successStatus: 201,
    })
    .errors(
      errors(
        'sign_on_name_taken',
        'too_many_sign_on_providers',
        'outbound_address_invalid',
        'outbound_not_listed',
        'tenant_unknown',
        'not_found',
        'input_invalid',
      ),
    )
    .input(z.object({ ...settings, clientSecret: ClientSecretSchema }))
    .output(SignOnProviderSchema),
  update: base
    .meta({ ...site, audit: 'sign_on.update' })
    .route({
      method: 'PATCH',
      path: '/sign-on/providers/{providerId}',
      tags: ['Sign-on'],
      summary: 'Change a provider; turned off, its sessions end',
    })
    .errors(
      errors(
        'sign_on_name_taken',
        'outbound_address_invalid',
        'outbound_not_listed',
        'tenant_unknown',
        'not_found',
        'input_invalid',
      ),
    )
    .input(
      z.object({
        providerId: IdSchema,
        clientSecret: ClientSecretSchema,
        ...z.object(settings).partial().shape,
      }),
    )
    .output(SignOnProviderSchema),
  delete: base
    .meta({ ...site, audit: 'sign_on.delete' })
    .route({
      method: 'DELETE',
      path: '/sign-on/providers/{providerId}',
      tags: ['Sign-on'],
      summary: 'Delete a provider, its sessions and the rights that its groups gave',
      successStatus: 204,
    })
    .errors(errors('not_found'))
    .input(z.object({ providerId: IdSchema }))
    .output(z.void()),
  test: base
    .meta({ ...site, audit: 'sign_on.test' })
    .route({
      method: 'POST',
      path: '/sign-on/test',
      tags: ['Sign-on'],
      summary: 'Ask an issuer what it offers, by the rules of calls out of the site',
    })
    .errors(errors(...outbound, 'input_invalid'))
    .input(
      z.object({
        issuer: IssuerSchema,
        destinations: z.array(SignOnDestinationSchema).max(10),
        caCertificate: CaCertificateSchema,
      }),
    )
    .output(SignOnFindingsSchema),
}
