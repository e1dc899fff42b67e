import { expect, it } from 'vitest'
import { benchRun, flashJob } from './reports.fixture.ts'
import { resultsCsv } from './results-csv.ts'
import { resultsPdf } from './results-pdf.ts'

const failed = flashJob(1, {
  state: 'failed',
  step: 'writing',
  firstReading: null,
  serial: null,
  error: { code: 'port_lost', message: 'ttyUSB1 went away, plug it in', data: {} },
})

it('lists the boards in the order in which they began', () => {
  const [head, first, second, end] = resultsCsv([flashJob(2), failed], false).split('\r\n')
  expect(head?.startsWith('started,ended,port,result,step,code,name')).toBe(true)
  expect(first).toBe(
    '1970-01-01T00:00:01.000Z,1970-01-01T00:01:01.000Z,ttyUSB1,failed,writing,GW1,Pump 1,,aa:bb:cc:00:00:01,ESP32-D0WD-V3,3.1,4194304,1,,,,,,port_lost,"ttyUSB1 went away, plug it in"',
  )
  expect(second).toContain('passed,,GW2,')
  expect(second).toContain('0a1b,temperature,21.4,°C,passed,,')
  expect(end).toBe('')
})

it('gives a spreadsheet nothing to run, unless raw', () => {
  const job = flashJob(1, {
    gateway: { id: null, code: '=1+1', name: '@SUM(A1)', label: '-x', again: false },
  })
  expect(resultsCsv([job], false)).toContain(`,'=1+1,'@SUM(A1),'-x,`)
  expect(resultsCsv([job], true)).toContain(',=1+1,@SUM(A1),-x,')
})

it('makes a page for each 26 boards, also of names that are too long', async () => {
  const jobs = Array.from({ length: 70 }, (_, n) => flashJob(n))
  const long = { id: null, code: 'GW', name: 'Котельная '.repeat(20), label: null, again: false }
  const pdf = Buffer.from(
    await resultsPdf(benchRun, [...jobs, flashJob(99, { gateway: long }), failed], {
      siteName: 'Plant 1',
      now: 0,
    }),
  ).toString('latin1')
  expect(pdf.startsWith('%PDF-')).toBe(true)
  expect(pdf.match(/\/Type \/Page\n/g)).toHaveLength(3)
})

it('is a page that says so where no board was flashed', async () => {
  const pdf = Buffer.from(await resultsPdf(benchRun, [], { siteName: '', now: 0 }))
  expect(pdf.toString('latin1').match(/\/Type \/Page\n/g)).toHaveLength(1)
})
