import { describe, expect, it } from 'vitest'
import type { Knock } from '#contract/api/claims.ts'
import { readClaimsSearch, writeClaimsSearch } from './claims-search.ts'
import { countdown, isClaimable, isKnown, marksOf, matchesText, nameOf, waitingAs } from './knock.ts'

const knock: Knock = {
  id: '0197f3a0-0000-7000-8000-000000000001',
  way: 'bootstrap',
  mac: '24:6f:28:a1:b2:c3',
  label: 'ESP-A1B2C3',
  deviceId: null,
  manufacturer: 'Espressif Inc.',
  chip: 'ESP32',
  firmware: '1.2.0',
  hardware: null,
  address: '192.168.10.40',
  credential: 'certificate',
  unproven: false,
  flagged: false,
  publicKeyHash: null,
  count: 1,
  firstAt: new Date(0),
  lastAt: new Date(0),
  tokenEndsAt: null,
  state: 'waiting',
  claimedAt: null,
  claimedBy: null,
  gateway: null,
  taken: false,
}
const known = (state: 'active' | 'unclaimed') => ({ id: knock.id, code: 'GW014', name: 'Pump', state })

describe('a box that knocks', () => {
  it('is called by what is printed on it, else by what it says', () => {
    expect(nameOf(knock)).toBe('ESP-A1B2C3')
    expect(nameOf({ ...knock, label: null })).toBe('24:6f:28:a1:b2:c3')
    expect(nameOf({ ...knock, label: null, mac: null, deviceId: 'dev-1' })).toBe('dev-1')
    expect(nameOf({ ...knock, label: null, mac: null })).toBe('192.168.10.40')
  })

  it('carries what a person has to know before claiming it', () => {
    expect(marksOf(knock)).toEqual([])
    expect(marksOf({ ...knock, taken: true, flagged: true, unproven: true })).toEqual([
      'taken',
      'flagged',
      'unproven',
    ])
    expect(marksOf({ ...knock, gateway: known('active') })).toEqual(['known'])
    expect(marksOf({ ...knock, gateway: known('active'), flagged: true, state: 'claimed' })).toEqual([])
  })

  it('is claimed while it waits and is nobody else’s', () => {
    expect(isClaimable(knock)).toBe(true)
    expect(isClaimable({ ...knock, taken: true })).toBe(false)
    expect(isClaimable({ ...knock, state: 'dismissed' })).toBe(false)
    expect(isKnown({ gateway: known('active') })).toBe(true)
    expect(isKnown({ gateway: known('unclaimed') })).toBe(false)
    expect(isKnown(knock)).toBe(false)
  })

  it('is found by any of its names', () => {
    for (const text of ['', 'a1b2', '24-6F-28-A1-B2-C3', '246f28a1b2c3', 'espressif', '10.40', ' 1.2.0 '])
      expect([text, matchesText(knock, text)]).toEqual([text, true])
    expect(matchesText(knock, 'esp-ffffff')).toBe(false)
    expect(waitingAs([knock], 'esp-a1b2c3')).toEqual([knock])
    expect(waitingAs([knock], '24:6F:28:A1:B2:C3')).toEqual([knock])
    expect(waitingAs([{ ...knock, state: 'claimed' }], 'ESP-A1B2C3')).toEqual([])
    expect(waitingAs([knock], 'A1B2C3')).toEqual([])
    const unlabelled = { ...knock, label: null }
    expect(waitingAs([unlabelled], 'esp-a1b2c3')).toEqual([unlabelled])
    expect(matchesText(unlabelled, 'ESP-A1')).toBe(true)
  })
})

describe('what is left of a claim window', () => {
  it.each([
    [0, '0:00'],
    [-5_000, '0:00'],
    [999, '0:00'],
    [59_999, '0:59'],
    [29 * 60_000 + 4_000, '29:04'],
    [8 * 3_600_000, '8:00:00'],
  ])('of %i ms is %s', (ms, words) => {
    expect(countdown(ms)).toBe(words)
  })
})

describe('the address of the screen', () => {
  it('says what is shown, and nothing where that is as usual', () => {
    const usual = readClaimsSearch({ state: 'odd', sort: '-nothing', box: 7, q: {} })
    expect(usual).toEqual({
      state: 'waiting',
      text: '',
      sort: { column: 'first', direction: 'descending' },
      box: null,
    })
    expect(Object.values(writeClaimsSearch(usual)).every((value) => value === undefined)).toBe(true)
    const chosen = { state: 'claimed', q: '12', sort: '-count', box: 'x' }
    expect(writeClaimsSearch(readClaimsSearch({ ...chosen, q: 12 }))).toEqual(chosen)
  })
})
