import type { CloudMode, CloudPreview, CloudTenantChoice, CloudTenantState } from '#contract/model/cloud.ts'

/** From when on stored readings are sent. */
export type FromWhen = 'all' | 'today' | 'date'

/** What was chosen for a tenant, as it stands in the fields. */
export interface TenantChoice {
  mode: CloudMode
  when: FromWhen
  /** `2026-03-14`, of `date`. */
  date: string
  /** A tenant of the cloud that it is the same as; empty: its own. */
  cloudTenantId: string
}

export type Choices = Readonly<Record<string, TenantChoice>>

interface ChosenTenant {
  id: string
  slug: string
  name: string
}

/** A tenant that is in the cloud and shared with this site. */
export type SharedTenant = CloudPreview['sharedTenants'][number]

/** Everything at first; and the tenant of the cloud that has the same short name, for it is most likely the same. */
export function firstChoices(tenants: readonly ChosenTenant[], shared: readonly SharedTenant[]): Choices {
  const own = new Set(tenants.map(({ id }) => id))
  return Object.fromEntries(
    tenants.map(({ id, slug }) => {
      const same = shared.find((other) => other.slug === slug && !own.has(other.id))
      return [id, { mode: 'telemetry', when: 'all', date: '', cloudTenantId: same?.id ?? '' }]
    }),
  )
}

/** The first choices, with those that were made before the server was asked again; but no link to what it does not have. */
export function keptChoices(first: Choices, before: Choices, shared: readonly SharedTenant[]): Choices {
  const known = new Set(['', ...shared.map(({ id }) => id)])
  return Object.fromEntries(
    Object.entries(first).map(([id, choice]) => {
      const made = before[id]
      if (made === undefined) return [id, choice]
      return [id, known.has(made.cloudTenantId) ? made : { ...made, cloudTenantId: choice.cloudTenantId }]
    }),
  )
}

/** Tenants of the cloud that this one can be linked with: those that are not here under their own id. */
export function linkable(
  shared: readonly SharedTenant[],
  tenants: readonly { id: string }[],
): SharedTenant[] {
  const own = new Set(tenants.map(({ id }) => id))
  return shared.filter(({ id }) => !own.has(id))
}

/** Those that are of no tenant here: they come here, or stay away. */
export function othersShared({ sharedTenants, tenants }: CloudPreview): SharedTenant[] {
  const sent = tenants.filter(({ mode }) => mode !== 'off')
  const taken = new Set([
    ...tenants.map(({ tenantId }) => tenantId),
    ...sent.flatMap(({ linkedWith }) => linkedWith?.id ?? []),
  ])
  return sharedTenants.filter(({ id }) => !taken.has(id))
}

/** So many of them by name. */
const NAMED = 20

export function namesOf(tenants: readonly SharedTenant[]): string {
  const names = tenants.slice(0, NAMED).map(({ name }) => name)
  return [...names, ...(tenants.length > NAMED ? ['…'] : [])].join(', ')
}

type ChoiceProblem = 'date' | 'future' | 'twice'

/** What is wrong with a tenant's choice. `now`: ms. */
export function choiceProblem(choices: Choices, id: string, now: number): ChoiceProblem | null {
  const choice = choices[id]
  if (choice === undefined || choice.mode === 'off') return null
  if (choice.mode === 'telemetry' && choice.when === 'date') {
    const from = startOfDate(choice.date)
    if (from === null) return 'date'
    if (from > now) return 'future'
  }
  const isTwice = Object.entries(choices).some(
    ([other, { mode, cloudTenantId }]) =>
      other !== id && mode !== 'off' && cloudTenantId !== '' && cloudTenantId === choice.cloudTenantId,
  )
  return isTwice ? 'twice' : null
}

/** As the contract takes it. `now`: ms; days begin at the viewer's midnight. */
export function choicesInput(choices: Choices, now: number): CloudTenantChoice[] {
  return Object.entries(choices).map(([tenantId, choice]) => ({
    tenantId,
    mode: choice.mode,
    fromAt: choice.mode === 'telemetry' ? fromOf(choice, now) : null,
    cloudTenantId: choice.cloudTenantId === '' ? null : choice.cloudTenantId,
  }))
}

/** How a tenant that is joined stands in the fields. */
export function choiceOf(tenant: CloudTenantState): TenantChoice {
  return {
    mode: tenant.mode,
    when: tenant.fromAt === null ? 'all' : 'date',
    date: tenant.fromAt === null ? '' : dateOf(tenant.fromAt),
    cloudTenantId: tenant.linkedWith ?? '',
  }
}

/** What changed against what stands: those are all that is sent to the site. */
export function changedChoices(
  choices: Choices,
  tenants: readonly CloudTenantState[],
  now: number,
): CloudTenantChoice[] {
  return choicesInput(choices, now).flatMap((choice) => {
    const before = tenants.find(({ tenantId }) => tenantId === choice.tenantId)
    if (before === undefined) return []
    const was = choiceOf(before)
    const is = choices[choice.tenantId]
    const isSame =
      is?.mode === was.mode &&
      (is.mode !== 'telemetry' || (is.when === was.when && (is.when !== 'date' || is.date === was.date)))
    return isSame ? [] : [{ ...choice, cloudTenantId: before.linkedWith }]
  })
}

function fromOf({ when, date }: TenantChoice, now: number): number | null {
  if (when === 'all') return null
  return when === 'today' ? startOfDate(dateOf(now)) : startOfDate(date)
}

/** The viewer's midnight of `2026-03-14`, ms; null where it is no date. */
export function startOfDate(date: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null
  const at = new Date(`${date}T00:00:00`).getTime()
  return Number.isFinite(at) ? at : null
}

export function dateOf(at: number): string {
  const day = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
