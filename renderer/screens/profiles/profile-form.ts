import type { GatewayProfile, ProfileFields } from '#contract/api/profiles.ts'
import { numberText, parseDecimal } from '../trends/decimal.ts'

export interface ProfileForm {
  name: string
  /** Slug; null where the site has one tenant, or the person acts in one. */
  tenant: string | null
  dialect: string
  credential: ProfileFields['credential']
  keyAlgorithm: ProfileFields['keyAlgorithm']
  /** Numbers as they are typed; empty for the default. */
  maxDevices: string
  rate: string
  burst: string
}

export type ProfileProblem =
  | 'name_empty'
  | 'tenant_empty'
  | 'devices_invalid'
  | 'rate_invalid'
  | 'burst_invalid'

/** @param language of the person, whose comma or point it is */
export function formOf(profile: GatewayProfile | null, tenant: string | null, language: string): ProfileForm {
  return {
    name: profile?.name ?? '',
    tenant,
    dialect: profile?.dialect ?? 'canonical',
    credential: profile?.credential ?? 'certificate',
    keyAlgorithm: profile?.keyAlgorithm ?? 'ec',
    maxDevices: String(profile?.maxDevices ?? 8),
    rate: numberText(profile?.messagesPerSecond ?? null, language),
    burst: String(profile?.burst ?? ''),
  }
}

/** The contract's bounds, said field by field. */
export function problemsOf(form: ProfileForm, severalTenants: boolean, language: string): ProfileProblem[] {
  const problems: ProfileProblem[] = []
  if (form.name.trim() === '') problems.push('name_empty')
  if (severalTenants && form.tenant === null) problems.push('tenant_empty')
  if (!isWithin(whole(form.maxDevices), 1, 32)) problems.push('devices_invalid')
  const rate = parseDecimal(form.rate, language)
  if (rate !== null && !isWithin(rate, 0.01, 100_000)) problems.push('rate_invalid')
  if (form.burst.trim() !== '' && !isWithin(whole(form.burst), 1, 1_000_000)) problems.push('burst_invalid')
  return problems
}

/** What the contract takes of a form without problems. */
export function fieldsOf(form: ProfileForm, language: string): ProfileFields {
  const { dialect, credential, keyAlgorithm } = form
  return {
    name: form.name.trim(),
    dialect,
    credential,
    keyAlgorithm,
    maxDevices: whole(form.maxDevices) ?? 8,
    messagesPerSecond: parseDecimal(form.rate, language) ?? null,
    burst: form.burst.trim() === '' ? null : whole(form.burst),
  }
}

function whole(text: string): number | null {
  return /^\d{1,7}$/.test(text.trim()) ? Number(text) : null
}

function isWithin(value: number | null | undefined, from: number, to: number): boolean {
  return value !== null && value !== undefined && value >= from && value <= to
}
