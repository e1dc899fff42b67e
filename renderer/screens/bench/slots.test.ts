import { describe, expect, it } from 'vitest'
import { idOf, jobOf, portOf, runOf } from './bench.fixture.ts'
import { applyBenchMessage, type BenchMessage, emptyBench, endingOf } from './bench-state.ts'
import { shownRun, slotsOf, startable } from './slots.ts'

const [a, b, c] = [portOf('ttyUSB0'), portOf('ttyUSB1'), portOf('ttyUSB10')]
const run = runOf(900)

function after(...messages: BenchMessage[]) {
  return messages.reduce(applyBenchMessage, emptyBench)
}
const snapshot = (ports: (typeof a)[]): BenchMessage => ({ event: 'snapshot', ports, runs: [run], jobs: [] })
const namesOf = (state: ReturnType<typeof after>, of: typeof run | null = run) =>
  slotsOf(state, of).map(({ port, job }) => `${port?.name ?? '-'} ${job?.state ?? '-'}`)

describe('cards', () => {
  it('stand in the order of the ports, and stay where they are', () => {
    expect(namesOf(after(snapshot([c, b, a])))).toEqual(['ttyUSB0 -', 'ttyUSB1 -', 'ttyUSB10 -', '- -'])
    const pulled = after(snapshot([a, b, c]), { event: 'ports', ports: [c, a] })
    expect(namesOf(pulled)).toEqual(['ttyUSB0 -', '- -', 'ttyUSB10 -'])
    const back = applyBenchMessage(pulled, { event: 'ports', ports: [a, b, c] })
    expect(namesOf(back)).toEqual(['ttyUSB0 -', 'ttyUSB1 -', 'ttyUSB10 -', '- -'])
  })

  it('of boards that the run did not have yet begin all at once', () => {
    const had = jobOf(1, a, { state: 'failed' })
    const before = jobOf(2, b, { state: 'passed', runId: idOf(901) })
    const ports = [
      { ...a, jobId: had.id },
      { ...b, jobId: before.id },
      c,
      { ...c, identity: 'x', isTaken: true },
      { ...c, identity: 'y', isSkipped: true },
      { ...c, identity: 'z', access: { state: 'busy', program: null, pid: null } as const },
    ]
    const state = after({ event: 'snapshot', ports, runs: [run], jobs: [had, before] })
    expect(startable(state, run)).toBe(2)
  })

  it('take a place that is free, so that boards with a USB name of their own do not fill the screen', () => {
    const other = portOf('ttyACM7')
    const state = after(
      snapshot([a, b]),
      { event: 'ports', ports: [b] },
      { event: 'ports', ports: [b, other] },
    )
    expect(namesOf(state)).toEqual(['ttyACM7 -', 'ttyUSB1 -', '- -'])
  })

  it('show the job of the board that is there now, which only the site knows', () => {
    const passed = jobOf(1, a, { state: 'passed' })
    const state = after({
      event: 'snapshot',
      ports: [{ ...a, jobId: passed.id }],
      runs: [run],
      jobs: [passed],
    })
    expect(namesOf(state)).toEqual(['ttyUSB0 passed', '- -'])
    expect(namesOf(applyBenchMessage(state, { event: 'ports', ports: [a] }))).toEqual(['ttyUSB0 -', '- -'])
    expect(namesOf(applyBenchMessage(state, { event: 'ports', ports: [] }))).toEqual(['- -'])
  })

  it('show a job that runs before the port tells of it', () => {
    const state = after(snapshot([a]), { event: 'job', job: jobOf(1, a) })
    expect(namesOf(state)).toEqual(['ttyUSB0 running', '- -'])
  })

  it('keep what failed when its board is pulled, until another board comes there', () => {
    const failed = jobOf(1, a, { state: 'failed' })
    const state = after(
      snapshot([{ ...a, jobId: failed.id }]),
      { event: 'job', job: failed },
      { event: 'ports', ports: [] },
    )
    expect(namesOf(state)).toEqual(['- failed', '- -'])
    expect(namesOf(applyBenchMessage(state, { event: 'ports', ports: [a] }))).toEqual(['ttyUSB0 -', '- -'])
  })

  it('say nothing of empty places while no run waits for boards', () => {
    const state = after(snapshot([a, b]), { event: 'ports', ports: [b] })
    expect(namesOf(state, null)).toEqual(['ttyUSB1 -'])
    expect(namesOf(state, { ...run, state: 'ended' })).toEqual(['ttyUSB1 -'])
  })
})

describe('how a job ended', () => {
  it('is told once, and not of what had ended before one looked', () => {
    const state = after(snapshot([a]), { event: 'job', job: jobOf(1, a) })
    const passed: BenchMessage = { event: 'job', job: jobOf(1, a, { state: 'passed' }) }
    expect(endingOf(state, passed)).toBe('passed')
    expect(endingOf(applyBenchMessage(state, passed), passed)).toBeNull()
    expect(endingOf(emptyBench, passed)).toBeNull()
    expect(endingOf(state, { event: 'job', job: jobOf(1, a, { state: 'cancelled' }) })).toBeNull()
  })
})

describe('the run that is shown', () => {
  it('is the one asked for, else the open one, else the newest', () => {
    const ended = runOf(901, { state: 'ended' })
    const state = after({ event: 'snapshot', ports: [], runs: [ended, run], jobs: [] })
    expect(shownRun(state, null)?.id).toBe(run.id)
    expect(shownRun(state, ended.id)?.id).toBe(ended.id)
    expect(shownRun(state, idOf(5))?.id).toBe(run.id)
    expect(shownRun(emptyBench, null)).toBeNull()
  })
})
