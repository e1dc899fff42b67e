import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incomingColumns, LONGEST_RUN } from '#cloud/readings/index.ts'
import { packFlags } from '#contract/model/reading-batch.ts'
import { runLines } from './run-lines.ts'
import type { SeriesReadings } from './series-readings.ts'

interface Row {
  ts: number
  value: number | string
  flags: number
  seq: number
}

function readingsOf(rows: readonly Row[]): SeriesReadings {
  const texts: string[] = []
  return {
    seriesId: 7,
    count: rows.length,
    ts: Float64Array.from(rows, ({ ts }) => ts),
    values: Float64Array.from(rows, ({ value }) =>
      typeof value === 'string' ? texts.push(value) - 1 : value,
    ),
    flags: Uint16Array.from(rows, ({ flags }) => flags),
    seqs: Float64Array.from(rows, ({ seq }) => seq),
    texts,
  }
}

const context = () => {
  let run = 0
  return { channel: 2 ** 32 + 5, generation: 3, nextRun: () => run++ }
}
const linesOf = (rows: readonly Row[]) => [...runLines(readingsOf(rows), context())]

/** As take_readings() reads them; arrays and escapes as Postgres' documentation has them. */
function decoded(lines: readonly string[]): Row[] {
  return lines.flatMap((line, run) => {
    const cells = line.slice(0, -1).split('\t')
    expect(cells).toHaveLength(incomingColumns.length)
    const cell = Object.fromEntries(incomingColumns.map(([name], at) => [name, unescaped(cells[at] ?? '')]))
    const whole = (name: string) => Number(cell[name] ?? Number.NaN)
    const list = (name: string) => (typeof cell[name] === 'string' ? elementsOf(cell[name]) : null)
    const n = whole('n')
    const [ts, seq, value] = ['ts', 'seq', 'value'].map((name) => list(`${name}_rest`))
    const [floats, texts] = [list('floats'), list('texts')]
    for (const one of [ts, seq, value, floats, texts]) if (one) expect(one).toHaveLength(n)
    expect(whole('run')).toBe(run)
    return Array.from({ length: n }, (_, k): Row => {
      const at = whole('ts_step') * k + Number(ts?.[k] ?? 0)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThanOrEqual(whole('span'))
      expect(at).toBeLessThanOrEqual(LONGEST_RUN)
      const version = BigInt(cell['seq'] ?? 0) + BigInt(whole('seq_step') * k + Number(seq?.[k] ?? 0))
      const number = floats
        ? Number(floats[k])
        : (whole('value') + whole('value_step') * k + Number(value?.[k] ?? 0)) / whole('scale')
      return {
        ts: whole('ts') + at,
        value: texts ? (texts[k] ?? '') : number,
        flags: whole('flags'),
        seq: Number(version - (3n << 44n)),
      }
    })
  })
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
function unescaped(cell: string): string | null {
  return cell === '' ? null : cell.replace(/\\(.)/gs, (_, c: string) => escapes[c] ?? c)
}

function elementsOf(array: string): string[] {
  const inner = array.slice(1, -1)
  if (!inner.startsWith('"')) return inner.split(',')
  return [...inner.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text]) => (text ?? '').replace(/\\(.)/gs, '$1'))
}

/** Rising times: even, with jitter, with holes. */
const times = fc
  .record({
    from: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_000 }),
    step: fc.constantFrom(1, 100, 1_000, 10_000, 3_600_000, 86_400_000),
    jitter: fc.array(fc.oneof(fc.constant(0), fc.nat(900), fc.nat(3_000_000_000)), { maxLength: 120 }),
  })
  .map(({ from, step, jitter }) => {
    let at = from
    return jitter.map((more) => (at += step + more))
  })
const numbers = fc.oneof(
  fc.integer({ min: -100_000, max: 100_000 }).map((whole) => whole / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 2 ** 53, 2 ** 60, 5e-324, 0.1 + 0.2, 1e21),
)
const quality = fc.constantFrom(0, 0, 0, 0, 1, 4)

describe('runs say what was given, to the last bit', () => {
  test('numbers', () => {
    const rows = fc
      .tuple(
        times,
        fc.infiniteStream(numbers),
        fc.infiniteStream(quality),
        fc.infiniteStream(fc.nat(2 ** 40)),
      )
      .map(([ts, values, qualities, seqs]) =>
        ts.map(
          (at): Row => ({
            ts: at,
            value: values.next().value ?? 0,
            flags: packFlags('number', qualities.next().value ?? 0),
            seq: (seqs.next().value ?? 0) + 1,
          }),
        ),
      )
    fc.assert(
      fc.property(rows, (given) => {
        expect(decoded(linesOf(given))).toEqual(given)
      }),
    )
  })

  test('texts of any characters', () => {
    const rows = fc.tuple(times, fc.infiniteStream(fc.string({ unit: 'grapheme' }))).map(([ts, texts]) =>
      ts.map(
        (at, i): Row => ({
          ts: at,
          value: texts.next().value ?? '',
          flags: packFlags('text', 0),
          seq: i + 1,
        }),
      ),
    )
    fc.assert(
      fc.property(rows, (given) => {
        expect(decoded(linesOf(given))).toEqual(given)
      }),
      { numRuns: 50 },
    )
    const odd = ['\\N', '\\.', '"', '\\"', '{}', 'NULL', '', '\t\n\r\b\f\v', ','].map(
      (value, i): Row => ({ ts: i, value, flags: packFlags('text', 0), seq: 1 }),
    )
    expect(decoded(linesOf(odd))).toEqual(odd)
  })
})

const T0 = Date.UTC(2026, 0, 31, 23)
const even = (count: number, value: (i: number) => number, step = 1_000): Row[] =>
  Array.from({ length: count }, (_, i) => ({ ts: T0 + i * step, value: value(i), flags: 0, seq: 1 + i }))

test('what is even costs nothing: a counter, a flag, a steady beat', () => {
  expect(linesOf(even(500, (i) => 1_000 + i * 3)).join('').length).toBeLessThan(100)
  expect(linesOf(even(500, () => 21.5)).join('').length).toBeLessThan(100)
  const noisy = linesOf(even(1_000, (i) => 20 + ((i * 7_919) % 100) / 100)).join('').length
  expect(noisy / 1_000).toBeLessThan(3.5)
})

test('a run ends with its flags, its month, and where the beat is lost', () => {
  const rows = even(20, () => 1, 600_000).map((row, i) => ({ ...row, flags: i < 4 ? 0 : 1 }))
  // Until midnight, and from then on.
  expect(linesOf(rows).map((line) => Number(line.split('\t')[3]))).toEqual([4, 2, 14])
  const hole = even(100, () => 1).map((row, i) => ({ ...row, ts: row.ts + (i < 60 ? 0 : 900_000) }))
  expect(linesOf(hole).map((line) => Number(line.split('\t')[3]))).toEqual([60, 40])
  expect(decoded(linesOf(hole))).toEqual(hole)
})
