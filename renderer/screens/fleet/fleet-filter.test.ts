import { describe, expect, it } from 'vitest'
import type { FleetRow } from '#contract/model/gateway.ts'
import { certificateDue, type FleetFilter, filterChoices, filterFleet } from './fleet-filter.ts'

const NOW = Date.UTC(2026, 10, 21)
const YEAR = 365.25 * 86_400_000

function row(id: string, part: Partial<FleetRow> = {}): FleetRow {
  return {
    id,
    tenantId: 't1',
    groupId: null,
    ownerUserId: null,
    code: id.toUpperCase(),
    name: `Name of ${id}`,
    label: `ESP-${id}`,
    mac: '3c:71:bf:4a:9e:03',
    dialect: 'canonical',
    firmwareVersion: null,
    state: 'active',
    online: true,
    since: NOW - 60_000,
    lastSeenAt: NOW,
    certificateEnds: NOW + 8 * YEAR,
    latest: null,
    rate: 1,
    refusal: null,
    ...part,
  }
}

const everything: FleetFilter = {
  view: 'all',
  text: '',
  tenantId: null,
  groupIds: null,
  firmware: null,
  dialect: null,
}
const ids = (rows: readonly FleetRow[], filter: Partial<FleetFilter>) =>
  filterFleet(rows, { ...everything, ...filter }, NOW).rows.map(({ id }) => id)

describe('filterFleet', () => {
  it('shows what stands in any of the groups asked for', () => {
    const rows = [
      row('a', { groupId: 'hall' }),
      row('b', { groupId: 'line' }),
      row('c'),
      row('d', { groupId: 'yard' }),
    ]
    expect(ids(rows, { groupIds: new Set(['hall', 'line']) })).toEqual(['a', 'b'])
    expect(ids(rows, { groupIds: new Set() })).toEqual([])
  })

  it('counts each view over everything that the other filters let pass', () => {
    const rows = [
      row('on'),
      row('off', { online: false }),
      row('other', { online: false, tenantId: 't2' }),
      row('sus', { state: 'suspended', online: false }),
      row('due', { certificateEnds: NOW + YEAR }),
    ]
    const { counts, rows: shown } = filterFleet(rows, { ...everything, tenantId: 't1', view: 'offline' }, NOW)
    expect(counts).toEqual({
      all: 4,
      offline: 1,
      refused: 0,
      stale: 0,
      due: 1,
      waiting: 0,
      suspended: 1,
      revoked: 0,
    })
    expect(shown.map(({ id }) => id)).toEqual(['off'])
  })

  it('finds by code, name without accents, label, and MAC in any spelling', () => {
    const rows = [row('gw1', { name: 'Estação de água' }), row('gw2', { mac: 'aa:bb:cc:dd:ee:ff' })]
    expect(ids(rows, { text: 'GW2' })).toEqual(['gw2'])
    expect(ids(rows, { text: 'agua estacao' })).toEqual(['gw1'])
    for (const text of ['bb:cc', 'AA-BB-CC', 'aabbcc']) expect(ids(rows, { text })).toEqual(['gw2'])
    expect(ids(rows, { text: 'gw1 nothing' })).toEqual([])
  })

  it('narrows by firmware and dialect', () => {
    const rows = [row('a', { firmwareVersion: '1' }), row('b', { firmwareVersion: '2', dialect: 'tds' })]
    expect(ids(rows, { firmware: '1' })).toEqual(['a'])
    expect(ids(rows, { dialect: 'tds' })).toEqual(['b'])
  })
})

describe('certificateDue', () => {
  it('is so two years before the end, and never for a revoked gateway', () => {
    expect(certificateDue(row('a', { certificateEnds: NOW + 2.1 * YEAR }), NOW)).toBe(false)
    expect(certificateDue(row('a', { certificateEnds: NOW + 1.9 * YEAR }), NOW)).toBe(true)
    expect(certificateDue(row('a', { certificateEnds: NOW - YEAR }), NOW)).toBe(true)
    expect(certificateDue(row('a', { certificateEnds: NOW, state: 'revoked' }), NOW)).toBe(false)
    expect(certificateDue(row('a', { certificateEnds: null }), NOW)).toBe(false)
  })
})

describe('filterChoices', () => {
  it('offers only what there is more than one of', () => {
    expect(filterChoices([row('a', { firmwareVersion: '1' }), row('b')])).toEqual({
      firmware: [],
      dialect: [],
    })
    expect(
      filterChoices([row('a', { firmwareVersion: '1' }), row('b', { firmwareVersion: '2', dialect: 'tds' })]),
    ).toEqual({
      firmware: ['2', '1'],
      dialect: ['canonical', 'tds'],
    })
  })
})
