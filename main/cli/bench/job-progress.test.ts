import { Writable } from 'node:stream'
import { afterEach, expect, it, vi } from 'vitest'
import { Output } from '../output.ts'
import type { Job } from './bench-types.ts'
import { JobProgress } from './job-progress.ts'

function watched(isTTY: boolean): { progress: JobProgress; said: () => string } {
  let said = ''
  const err = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString()
      done()
    },
  })
  const out = new Writable()
  const progress = new JobProgress(new Output(out, Object.assign(err, { isTTY })))
  return { progress, said: () => said }
}

function job(port: string, given: Partial<Job>): Job {
  const name = { path: `/dev/${port}`, name: port, identity: port, isSimulated: false }
  const nothing = { progress: null, gateway: null, boardSays: null, error: null }
  return { id: port, port: name, state: 'running', step: 'connecting', ...nothing, ...given } as Job
}

const writing = (done: number) => ({
  step: 'writing' as const,
  progress: { part: 'app', done, total: 1_000, rate: 51_200, secondsLeft: 2.2 },
})
const error = { code: 'port_lost', message: 'It went away\u001b[31m: plug it in', data: {} }

afterEach(() => vi.unstubAllEnvs())

it('says each step and each quarter once, a line each, where nobody watches', () => {
  const { progress, said } = watched(false)
  for (const done of [0, 10, 249, 250, 251, 600, 999]) progress.show(job('ttyUSB0', writing(done)))
  progress.show(job('ttyUSB0', { state: 'failed', step: 'writing', error }))
  progress.end()
  expect(said().split('\n')).toEqual([
    'ttyUSB0  -  writing',
    'ttyUSB0  -  writing 25 %',
    'ttyUSB0  -  writing 50 %',
    'ttyUSB0  -  writing 75 %',
    'ttyUSB0  -  failed while writing  It went away\u{fffd}[31m: plug it in',
    '',
  ])
})

it('draws a line for each board, in place, on a terminal', () => {
  vi.stubEnv('TERM', 'xterm')
  const { progress, said } = watched(true)
  progress.show(job('ttyUSB0', writing(100)))
  progress.show(job('ttyUSB1', { state: 'failed', error }))
  progress.say('Ending')
  progress.end()
  const drawn = said().split('\u001b[J')
  expect(drawn).toEqual([
    expect.stringMatching(/^ttyUSB0 {2}- {2}writing 10 % {2}3 s left, 50 KB\/s\n\u001b\[1A$/),
    expect.stringMatching(
      /^ttyUSB0 .* 3 s left, 50 KB\/s\nttyUSB1 {2}- {2}failed while connecting .*\n\u001b\[2A$/,
    ),
    expect.stringMatching(/^Ending\nttyUSB0 .*\nttyUSB1 .*\n\u001b\[2A$/),
    expect.stringMatching(/^ttyUSB0 .*\nttyUSB1 .*\n$/),
  ])
})
