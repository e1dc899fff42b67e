import { expect, test } from 'vitest'
import { BenchSetupSchema } from '#contract/model/flash.ts'
import { readPrinter } from './label-printer.ts'
import { checkSetup } from './run-setup.ts'

const bundleId = '0197f3a0-0000-7000-8000-000000000000'
const field = (setup: object): string | null => {
  try {
    checkSetup(BenchSetupSchema.parse({ bundleId, ...setup }))
    return null
  } catch (error) {
    return (error as { data: { field: string } }).data.field
  }
}

test.each([
  [{}, null],
  [{ codePattern: 'GW' }, 'codePattern'],
  [{ codePattern: 'GW', expected: 1 }, null],
  [{ codePattern: 'GW {n}' }, 'codePattern'],
  [{ namePattern: `${'x'.repeat(95)}{n:6}` }, 'namePattern'],
  [{ check: { channel: 'a', least: 3, most: 2 } }, 'check'],
  [{ labels: { as: 'pdf', size: 'a7', printer: null } }, 'labels.size'],
  [{ labels: { as: 'zpl', size: 'a4-24', printer: null } }, 'labels.size'],
  [{ labels: { as: 'zpl', size: 'roll-50x25', printer: 'db:5432' } }, 'labels.printer'],
  [{ plan: [{ code: 'A' }, { code: 'B', mac: '24-6f-28-00-00-01' }] }, null],
  [{ plan: [{ code: 'A' }, { code: 'A' }] }, 'plan, line 2'],
  [
    {
      plan: [
        { code: 'A', mac: '24:6f:28:00:00:01' },
        { code: 'B', mac: '246F28000001' },
      ],
    },
    'plan, line 2',
  ],
  [{ plan: [{ code: 'A', mac: 'zz' }] }, 'plan, line 1'],
  [{ plan: [{ code: '=A1' }] }, 'plan, line 1'],
])('%j: %s', (setup, wrong) => {
  expect(field(setup)).toBe(wrong)
})

test('printers are where printers are', () => {
  expect(readPrinter('10.0.0.9')).toEqual({ host: '10.0.0.9', port: 9100 })
  expect(readPrinter('[::1]:9101')).toEqual({ host: '::1', port: 9101 })
  for (const text of ['10.0.0.9:22', 'http://10.0.0.9:9100', 'a b:9100', ':9100', '10.0.0.9:99999'])
    expect(readPrinter(text)).toBeNull()
})
