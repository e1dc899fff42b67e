import { describe, expect, it } from 'vitest'
import { exportAddress, exportFileName } from './export-csv.ts'
import { parseLocal, toLocal } from './local-time.ts'

const from = Date.UTC(2026, 10, 21, 11, 0)
const to = Date.UTC(2026, 10, 21, 12, 0)

describe('export', () => {
  it('names the file so that it sorts by time and every file system takes it', () => {
    expect(exportFileName('GW001_meter1/energy', from, to)).toBe(
      'GW001_meter1-energy_2026-11-21T1100Z_2026-11-21T1200Z.csv',
    )
    expect(exportFileName('///', from, to)).toMatch(/^telemetry_/)
  })

  it('asks for one channel of one gateway', () => {
    expect(exportAddress({ gateway: 'GW001', tenant: 'plant', channel: 'meter1/energy' }, from, to)).toBe(
      `/api/v1/telemetry/export?gateway=GW001&tenant=plant&channel=meter1%2Fenergy&from=${from}&to=${to}`,
    )
  })
})

describe('local time inputs', () => {
  it('hold a time to the second and give it back', () => {
    const at = new Date(2026, 10, 21, 8, 5, 9).getTime()
    expect(toLocal(at)).toBe('2026-11-21T08:05:09')
    expect(parseLocal(toLocal(at))).toBe(at)
    expect(parseLocal('2026-11-21T08:05')).toBe(at - 9_000)
  })

  it('take nothing else', () => {
    for (const text of ['', 'yesterday', '2026-13-41T99:00', '2026-11-21'])
      expect(parseLocal(text)).toBeNull()
  })
})
