import { expect, it } from 'vitest'
import { readPlanCsv } from './plan-csv.ts'

const read = (text: string) => readPlanCsv(Buffer.from(text), 'plan.csv')
const both = [
  { mac: 'aa:bb:cc:00:00:01', code: 'GW1', name: 'Pump 1' },
  { code: 'GW2', name: 'Câmara fria' },
]

it.each([
  ['comma', 'AA-BB-CC-00-00-01,GW1,Pump 1\n,GW2,Câmara fria\n'],
  ['semicolon and headings', 'mac;code;name\r\naabb.cc00.0001;GW1;Pump 1\r\n;GW2;Câmara fria\r\n'],
  ['tab and another order', 'Name\tCode\tMAC address\nPump 1\tGW1\taabbcc000001\nCâmara fria\tGW2\t\n'],
  [
    'quotes, a mark and empty lines',
    '\u{feff}mac,code,name\n\n"aa:bb:cc:00:00:01","GW1","Pump 1"\n\n,GW2,Câmara fria',
  ],
])('reads a plan with %s', (_, text) => {
  expect(read(text)).toEqual(both)
})

it('reads what Windows programs write', () => {
  expect(readPlanCsv(Buffer.from(';GW2;C\u{e2}mara fria\n', 'latin1'), 'p')).toEqual([both[1]])
})

it.each([
  ['no boards', 'mac,code,name\n', 'has no boards'],
  [
    'a missing code',
    'mac,code,name\naa:bb:cc:00:00:01,GW1,x\naa:bb:cc:00:00:02,,x\n',
    'line 3: the code is missing',
  ],
  ['no MAC', 'aa:bb:cc,GW1,x\n', 'line 1: "aa:bb:cc" is no MAC address'],
  ['what is no code', ',Pump 1,x\n', 'line 1: "Pump 1" is no code'],
  ['a code twice', ',GW1,x\n,GW2,y\n,GW1,z\n', 'line 3: the code GW1 is in line 1 already'],
  [
    'a MAC twice',
    'aabbcc000001,A\nAA:BB:CC:00:00:01,B\n',
    'line 2: the MAC aa:bb:cc:00:00:01 is in line 1 already',
  ],
  ['a long name', `,GW1,${'x'.repeat(201)}\n`, 'line 1: the name has more than 200 characters'],
  ['an open quote', ',GW1,"x\n', 'plan.csv'],
])('refuses a plan with %s, and names the line', (_, text, words) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining(words) }),
  )
})
