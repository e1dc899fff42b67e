import type { Reading } from '#contract/model/reading.ts'
import { HOLD } from './calculation-evaluator.ts'
import type { Program, ProgramInput } from './expression/program.ts'

/** The two newest readings of a channel: a rate needs both. */
interface Newest {
  latest: Reading
  previous: Reading | null
}

/** A live value of a calculation. */
export interface CalculatedReading {
  ts: number
  value: number
}

/** Follows the inputs of calculations for one receiver, and says what they are now. */
export class CalculationWatch {
  readonly #programs: Map<string, Program>
  readonly #newest = new Map<string, Newest>()
  readonly #changed = new Set<string>()

  constructor(programs: Map<string, Program>) {
    this.#programs = programs
  }

  get channelIds(): string[] {
    return [...new Set([...this.#programs.values()].flatMap((program) => program.channelIds))]
  }

  /** Channels of which a rate is counted: at the start these need the reading before the latest. */
  get counterIds(): string[] {
    const counters = [...this.#programs.values()].flatMap(({ inputs }) =>
      inputs.filter(({ kind }) => kind === 'rate'),
    )
    return [...new Set(counters.map(({ channelId }) => channelId))]
  }

  /** A reading of an input that is its latest. */
  offer(channelId: string, reading: Reading): void {
    const known = this.#newest.get(channelId)
    if (known && reading.ts < known.latest.ts) {
      if (known.previous === null || known.previous.ts < reading.ts) known.previous = reading
      return
    }
    const previous = known && known.latest.ts < reading.ts ? known.latest : (known?.previous ?? null)
    this.#newest.set(channelId, { latest: reading, previous })
    this.#changed.add(channelId)
  }

  /** Values of those whose inputs changed since the last call, by id. */
  take(): Map<string, CalculatedReading> {
    const values = new Map<string, CalculatedReading>()
    if (this.#changed.size === 0) return values
    for (const [id, program] of this.#programs) {
      if (!program.channelIds.some((channelId) => this.#changed.has(channelId))) continue
      const value = this.#evaluate(program)
      if (value) values.set(id, value)
    }
    this.#changed.clear()
    return values
  }

  #evaluate(program: Program): CalculatedReading | null {
    const times = program.channelIds.flatMap((id) => this.#newest.get(id)?.latest.ts ?? [])
    const ts = Math.max(...times)
    const value = program.run(program.inputs.map((input) => this.#input(input, ts)))
    return Number.isFinite(value) ? { ts, value } : null
  }

  #input(input: ProgramInput, now: number): number {
    const newest = this.#newest.get(input.channelId)
    if (!newest || now - newest.latest.ts > HOLD) return Number.NaN
    const { latest, previous } = newest
    switch (input.kind) {
      case 'value':
        return numberOf(latest)
      case 'rate':
        return previous === null
          ? Number.NaN
          : (rise(numberOf(previous), numberOf(latest), input.rollover) * input.period) /
              (latest.ts - previous.ts)
      case 'increase':
        // It belongs to a span, and now is none.
        return Number.NaN
    }
  }
}

/** From one value of a counter to the next; where it fell it began anew from 0, at `rollover` if that is known. */
function rise(before: number, after: number, rollover: number | null): number {
  if (after >= before) return after - before
  return rollover !== null && rollover >= before ? rollover - before + after : after
}

function numberOf({ value }: Reading): number {
  return typeof value === 'string' ? Number.NaN : Number(value)
}
