import * as z from 'zod'
import { type FindingId, findings } from '../findings.ts'
import { GatewayStateSchema } from './gateway.ts'
import { IdSchema } from './ids.ts'
import { ShownCertificateSchema } from './refusal.ts'

/** The way of a connection, in order: each stands on the one before. */
export const doctorStages = [
  'reached',
  'tls',
  'site_trusted',
  'issuer',
  'validity',
  'identity',
  'client_id',
  'topics',
  'readings',
] as const
export type DoctorStage = (typeof doctorStages)[number]

/** How a fact is to be shown. `time`: ms since 1970. `span`: ms. `word`: a word of the UI, by its key. */
export const factKinds = ['text', 'code', 'time', 'span', 'number', 'word', 'list'] as const
export type FactKind = (typeof factKinds)[number]

/** One thing that is known. `name` is that of a placeholder in a finding's words, and of its label. */
export const FactSchema = z.object({
  name: z.string(),
  kind: z.enum(factKinds),
  value: z.union([z.string(), z.number()]),
})
export type Fact = z.infer<typeof FactSchema>

/** What a person can do about it at once. */
export const remedies = [
  'resume',
  'enroll_again',
  'download',
  'claims',
  'limits',
  'network',
  'mqtt_settings',
  'tenant',
  'topics',
  'examine',
] as const
export type Remedy = (typeof remedies)[number]

export const confidences = ['certain', 'likely', 'possible'] as const
export type Confidence = (typeof confidences)[number]

export const FindingSchema = z.object({
  id: z.enum(Object.keys(findings) as [FindingId, ...FindingId[]]),
  stage: z.enum(doctorStages),
  confidence: z.enum(confidences),
  severity: z.enum(['trouble', 'warning', 'note']),
  title: z.string().describe('In English, like the two below'),
  why: z.string(),
  fix: z.string(),
  facts: z.array(FactSchema).describe('The evidence'),
  certificate: ShownCertificateSchema.nullable().describe('What was shown, where it matters'),
  remedies: z.array(z.enum(remedies)),
})
export type Finding = z.infer<typeof FindingSchema>

export const CheckSchema = z.object({
  stage: z.enum(doctorStages),
  result: z.enum(['passed', 'failed', 'warned', 'would_pass', 'not_reached', 'unknown']),
  facts: z.array(FactSchema),
})
export type Check = z.infer<typeof CheckSchema>

export const ExaminationSchema = z.object({
  at: z.date(),
  subject: z.object({
    /** What was found under what was given. */
    kind: z.enum(['gateway', 'box', 'address', 'unknown']),
    given: z.string(),
    /** Code of the gateway, else what was given. */
    name: z.string(),
    address: z.string().nullable(),
    gateway: z
      .object({
        id: IdSchema,
        code: z.string(),
        name: z.string(),
        label: z.string(),
        mac: z.string().nullable(),
        tenant: z.string(),
        state: GatewayStateSchema,
        online: z.boolean(),
      })
      .nullable(),
  }),
  healthy: z.boolean(),
  /** The most likely first. */
  findings: z.array(FindingSchema),
  /** Empty where there is no gateway. */
  checks: z.array(CheckSchema),
})
export type Examination = z.infer<typeof ExaminationSchema>

export const selfTestSteps = ['tcp', 'tls', 'certificate', 'connect', 'subscribe', 'publish'] as const
export type SelfTestStep = (typeof selfTestSteps)[number]

export const SelfTestSchema = z.object({
  at: z.date(),
  passed: z.boolean(),
  gateway: z.object({ id: IdSchema, code: z.string() }),
  /** Why it went no further than TLS; null: all the way. */
  limited: z.enum(['secret', 'unclaimed']).nullable(),
  routes: z.array(
    z.object({
      host: z.string(),
      port: z.number().int(),
      steps: z.array(
        z.object({
          step: z.enum(selfTestSteps),
          result: z.enum(['passed', 'failed', 'skipped']),
          /** ms */
          took: z.number(),
          /** In English, a few words. */
          detail: z.string().nullable(),
        }),
      ),
    }),
  ),
})
export type SelfTest = z.infer<typeof SelfTestSchema>

/** The site's own side of a connection. */
export const SiteSideSchema = z.object({
  at: z.date(),
  healthy: z.boolean(),
  /** Codes of what is wrong, most urgent first. */
  problems: z.array(
    z.enum([
      'loopback_only',
      'listener_closed',
      'address_not_in_certificate',
      'certificate_ends_soon',
      'clock_jumped',
      'clock_not_synchronized',
      'firewall_active',
      'store_stalled',
    ]),
  ),
  hosts: z.array(z.string()).describe('What gateways are told to dial'),
  addresses: z.array(
    z.object({
      address: z.string(),
      interface: z.string(),
      kind: z.enum(['lan', 'loopback']),
      /** Whether the certificate of the broker holds for it. */
      named: z.boolean(),
    }),
  ),
  ports: z.array(
    z.object({
      listener: z.enum(['mqtts', 'password', 'websocket', 'https', 'device_https', 'http']),
      port: z.number().int().nullable().describe('Null: turned off'),
      /** Addresses of this machine at which it answers, by a connection that the site just made to itself. */
      answers: z.array(z.string()),
      silent: z.array(z.string()),
    }),
  ),
  certificate: z
    .object({ names: z.array(z.string()), notBefore: z.date(), notAfter: z.date(), fingerprint: z.string() })
    .nullable(),
  /** What may stand in the way; `active` is null where it cannot be told without more rights. */
  firewalls: z.array(
    z.object({
      name: z.enum(['ufw', 'firewalld', 'nftables', 'iptables', 'windows']),
      active: z.boolean().nullable(),
      /** What opens the ports. */
      command: z.string(),
    }),
  ),
  clock: z.object({
    now: z.date(),
    timeZone: z.string(),
    /** Jumps of the wall clock since the site started, ms; forward is positive. The newest ten. */
    jumps: z.array(z.object({ at: z.date(), by: z.number() })),
    synchronized: z.boolean().nullable().describe('By a time service; null: not known'),
    service: z.string().nullable(),
  }),
})
export type SiteSide = z.infer<typeof SiteSideSchema>
