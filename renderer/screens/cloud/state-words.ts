import { ORPCError } from '@orpc/client'
import type { CloudMode, CloudState, CloudStatus, CodedProblem } from '#contract/model/cloud.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'

/** Normal is grey. What mends itself is a notice; what a person must mend is red. */
export const stateMarks: Record<CloudState, Mark> = {
  connecting: 'running',
  live: 'passed',
  catching_up: 'running',
  held_up: 'due',
  waiting: 'due',
  paused: 'suspended',
  outside_window: 'waiting',
  leaving: 'running',
  stopped: 'failed',
}

export const stateTones: Record<CloudState, 'red' | 'yellow' | undefined> = {
  connecting: undefined,
  live: undefined,
  catching_up: undefined,
  held_up: 'yellow',
  waiting: 'yellow',
  paused: undefined,
  outside_window: undefined,
  leaving: undefined,
  stopped: 'red',
}

/** The class of a word about it elsewhere. */
export function toneClass(state: CloudState | undefined): string {
  const tone = state && stateTones[state]
  return tone === undefined ? '' : `t-${tone}`
}

/** What of the site is sent at all. */
export function sentOf({ tenants }: Pick<CloudStatus, 'tenants'>): CloudMode {
  if (tenants.some(({ mode }) => mode === 'telemetry')) return 'telemetry'
  return tenants.some(({ mode }) => mode === 'fleet') ? 'fleet' : 'off'
}

/** What a person can do here about a link that stopped. `retry`: it is mended elsewhere, then tried again. */
export type Remedy = 'login' | 'decide' | 'update' | 'retry'

/** The address, the name, the password or the CA is what does not fit. */
const byLogin = new Set([
  'cloud_url_invalid',
  'cloud_ca_invalid',
  'cloud_host_unknown',
  'cloud_address_refused',
  'cloud_inside_network',
  'cloud_not_postgres',
  'cloud_certificate_unknown',
  'cloud_certificate_name',
  'cloud_login_refused',
  'cloud_database_unknown',
  'cloud_role_unknown',
  'cloud_schema_missing',
  'cloud_schema_foreign',
  'cloud_another',
  'cloud_another_site',
])

export function remedyOf(problem: CodedProblem | null): Remedy {
  if (problem === null) return 'retry'
  if (problem.code === 'cloud_copied') return 'decide'
  if (problem.code === 'cloud_schema_newer') return 'update'
  return byLogin.has(problem.code) ? 'login' : 'retry'
}

/** A problem as a thrown value, for whatever words those. */
export function problemError({ code, data }: CodedProblem): Error {
  return new ORPCError(code, { message: code, data })
}

/** Clocks that differ by less are the network's doing, ms. */
const CLOCKS_AGREE = 5_000

/** The difference of the clocks where it matters, ms; else null. */
export function clockDifference(offset: number | null): number | null {
  return offset !== null && Math.abs(offset) > CLOCKS_AGREE ? offset : null
}

/** Seconds until the backlog is sent at the present speed; null where there is none, or nothing moves. */
export function secondsLeft(backlog: number | null, perSecond: number): number | null {
  if (backlog === null || backlog === 0 || perSecond < 1) return null
  return backlog / perSecond
}

/** Time until it is tried again, ms, as a person counts it down: in seconds up to two minutes. */
export function countdown(ms: number, span: (ms: number) => string): string {
  const left = Math.max(0, Math.ceil(ms / 1_000))
  return left <= 120 ? `${left} s` : span(left * 1_000)
}
