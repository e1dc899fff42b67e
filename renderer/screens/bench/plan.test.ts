import { expect, it } from 'vitest'
import { readPlan } from './plan.ts'

it('reads MAC, code and name with any separator, with and without a heading', () => {
  const lines = [{ mac: '24:6f:28:a1:b2:c3', code: 'GW001', name: 'Hall 3, meter 1' }, { code: 'GW002' }]
  const texts = [
    '24:6F:28:A1:B2:C3,GW001,"Hall 3, meter 1"\n,GW002\n',
    'mac;code;name\r\n246f28a1b2c3;GW001;Hall 3, meter 1\r\n\r\n;GW002;',
    '\uFEFFcode\tname\tmac_address\nGW001\tHall 3, meter 1\t24-6f-28-a1-b2-c3\nGW002',
  ]
  for (const text of texts) expect(readPlan(text)).toEqual({ lines, faults: [] })
  expect(readPlan('  \n')).toEqual({ lines: [], faults: [] })
})

it('names each line that does not hold', () => {
  const text = [
    'mac,code,name',
    ',,no code',
    ',bad code,x',
    '24:6f:28:a1:b2,GW1,x',
    '24:6f:28:a1:b2:c3,GW2,x',
    '246F28A1B2C3,GW3,x',
    ',GW2,x',
    `,GW4,${'x'.repeat(101)}`,
  ].join('\n')
  const { lines, faults } = readPlan(text)
  expect(lines.map(({ code }) => code)).toEqual(['GW2'])
  expect(faults.map(({ line, problem }) => `${line} ${problem}`)).toEqual([
    '2 code_missing',
    '3 code_bad',
    '4 mac_bad',
    '6 mac_twice',
    '7 code_twice',
    '8 name_long',
  ])
})

it('takes no more lines than a run may have', () => {
  const text = Array.from({ length: 5_001 }, (_, index) => `,GW${index}`).join('\n')
  expect(readPlan(text).faults).toEqual([{ line: 5_001, problem: 'too_long', value: '5000' }])
})
