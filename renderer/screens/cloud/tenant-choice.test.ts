import { expect, it } from 'vitest'
import type { CloudTenantState } from '#contract/model/cloud.ts'
import {
  changedChoices,
  choiceOf,
  choiceProblem,
  choicesInput,
  dateOf,
  firstChoices,
  keptChoices,
  linkable,
  startOfDate,
  type TenantChoice,
} from './tenant-choice.ts'

const plant = { id: 'plant', slug: 'plant', name: 'Plant' }
const dairy = { id: 'dairy', slug: 'dairy', name: 'Dairy' }
const all: TenantChoice = { mode: 'telemetry', when: 'all', date: '', cloudTenantId: '' }
const NOON = new Date('2026-03-14T12:00:00').getTime()
const MIDNIGHT = new Date('2026-03-14T00:00:00').getTime()

it('proposes the tenant of the cloud with the same short name, unless it is here by its own id', () => {
  const shared = [{ ...dairy, id: 'dairy-there' }, plant]
  const choices = firstChoices([plant, dairy], shared)
  expect(choices).toEqual({ plant: all, dairy: { ...all, cloudTenantId: 'dairy-there' } })
  expect(linkable(shared, [plant, dairy])).toEqual([{ ...dairy, id: 'dairy-there' }])
})

it('keeps what was chosen when the server is asked again, but no link to what another server has', () => {
  const shared = [{ ...dairy, id: 'there' }]
  const first = firstChoices([plant, dairy], shared)
  const before = {
    plant: { ...all, mode: 'fleet' as const, cloudTenantId: 'gone' },
    dairy: { ...all, cloudTenantId: '' },
    left: all,
  }
  expect(keptChoices(first, before, shared)).toEqual({ plant: { ...all, mode: 'fleet' }, dairy: all })
  expect(keptChoices(first, {}, shared)).toEqual(first)
})

it('begins today at midnight, or on a date', () => {
  const choices = {
    a: all,
    b: { ...all, when: 'today' as const },
    c: { ...all, when: 'date' as const, date: '2026-03-14' },
    d: { ...all, mode: 'fleet' as const, when: 'today' as const, cloudTenantId: 'x' },
  }
  expect(choicesInput(choices, NOON)).toEqual([
    { tenantId: 'a', mode: 'telemetry', fromAt: null, cloudTenantId: null },
    { tenantId: 'b', mode: 'telemetry', fromAt: MIDNIGHT, cloudTenantId: null },
    { tenantId: 'c', mode: 'telemetry', fromAt: MIDNIGHT, cloudTenantId: null },
    { tenantId: 'd', mode: 'fleet', fromAt: null, cloudTenantId: 'x' },
  ])
})

it('refuses a date that is none or is to come, and one tenant of the cloud for two', () => {
  const on = (date: string) => ({ a: { ...all, when: 'date' as const, date } })
  expect(choiceProblem(on(''), 'a', NOON)).toBe('date')
  expect(choiceProblem(on('2026-03-15'), 'a', NOON)).toBe('future')
  expect(choiceProblem(on('2026-03-14'), 'a', NOON)).toBe(null)
  const twice = { a: { ...all, cloudTenantId: 'x' }, b: { ...all, cloudTenantId: 'x' } }
  expect(choiceProblem(twice, 'a', NOON)).toBe('twice')
  expect(choiceProblem({ ...twice, b: { ...twice.b, mode: 'off' } }, 'a', NOON)).toBe(null)
  expect(choiceProblem({ a: { ...all, mode: 'off', when: 'date' } }, 'a', NOON)).toBe(null)
})

it('sends only what a person changed', () => {
  const state = (tenantId: string, more: Partial<CloudTenantState> = {}) =>
    ({ tenantId, mode: 'telemetry', fromAt: NOON, linkedWith: null, ...more }) as CloudTenantState
  const tenants = [state('a'), state('b', { mode: 'fleet', fromAt: null, linkedWith: 'there' })]
  const choices = Object.fromEntries(tenants.map((tenant) => [tenant.tenantId, choiceOf(tenant)]))
  expect(changedChoices(choices, tenants, NOON)).toEqual([])
  const next = { ...choices, b: { ...all, when: 'today' as const } }
  expect(changedChoices(next, tenants, NOON)).toEqual([
    { tenantId: 'b', mode: 'telemetry', fromAt: MIDNIGHT, cloudTenantId: 'there' },
  ])
})

it('reads and writes the date of a field', () => {
  expect(startOfDate('2026-03-14')).toBe(MIDNIGHT)
  expect([startOfDate('14.3.2026'), startOfDate('2026-13-40')]).toEqual([null, null])
  expect(dateOf(NOON)).toBe('2026-03-14')
})
