import type { ValueKind } from '#contract/model/reading.ts'
import type { ImportReport, RowProblem } from '#contract/model/telemetry-file.ts'
import { timeReader } from './cell-time.ts'
import { cellValue, MOST_TEXT, shapeOf } from './cell-value.ts'
import type { CsvRow } from './csv-rows.ts'
import type { FileFormat } from './import-format.ts'
import { type RowCell, rowCells } from './row-cells.ts'

/** Different channels of one file. */
const MOST_CHANNELS = 10_000
const MOST_PROBLEMS = 100
/** Of one channel and reason: the list shall not be full of one of them. */
const PROBLEMS_KEPT = 5
const CHANNELS_TOLD = 500
/** 2200-01-01, as for every range. */
const LATEST = 7_258_118_400_000
/** 1990-01-01: what lies before was given in another unit. */
const EARLIEST = 631_152_000_000

type Problem = ImportReport['problems'][number]
/** `bit`: 0 or 1, which a boolean can be written as. */
type Tally = 'number' | 'bit' | 'boolean' | 'text' | 'not_finite'

interface ChannelScan {
  gateway: string
  key: string
  unit: string | null
  /** Of a channel that is there already. */
  kind: ValueKind | null
  readings: number
  firstLine: number
  from: number
  to: number
  tallies: Record<Tally, number>
  refused: number
  /** Of a new channel what may be one, by its tally. */
  problems: { tally: Tally | null; told: Problem }[]
}

/** Goes through a file once: what is in it, and what is wrong with it. */
export class FileScan {
  readonly #format: FileFormat
  readonly #known: Map<string, ValueKind>
  readonly #cells: (row: CsvRow) => RowCell[] | null
  readonly #time: (text: string) => number | null
  readonly #channels = new Map<string, ChannelScan>()
  readonly #gateways = new Set<string>()
  #rows = 0
  #empty = 0
  #refused = 0
  readonly #problems: Problem[] = []

  constructor(format: FileFormat, raw: boolean, known: Map<string, ValueKind>) {
    this.#format = format
    this.#known = known
    this.#cells = rowCells(format, raw)
    this.#time = timeReader(format)
  }

  add(row: CsvRow): void {
    this.#rows++
    const cells = this.#cells(row)
    if (cells === null) return this.#refuse(row.line, null, 'columns', row.cells.join(this.#format.separator))
    for (const cell of cells) this.#addCell(row.line, cell)
  }

  #addCell(line: number, cell: RowCell): void {
    if (cell.value === '') {
      this.#empty++
      return
    }
    const ts = this.#time(cell.time)
    if (ts === null) return this.#refuse(line, cell.column, 'time', cell.time)
    if (!isTimeInRange(ts)) return this.#refuse(line, cell.column, 'time_range', cell.time)
    if (!isQuality(cell.quality)) return this.#refuse(line, cell.column, 'quality', cell.quality)
    const channel = this.#channelOf(line, cell)
    if (channel === null) return this.#refuse(line, cell.column, 'channel', cell.channel)
    channel.from = Math.min(channel.from, ts)
    channel.to = Math.max(channel.to, ts)
    channel.readings++
    this.#addValue(line, cell, channel)
  }

  #addValue(line: number, cell: RowCell, channel: ChannelScan): void {
    const { decimal } = this.#format
    if (channel.kind !== null) {
      const parsed = cellValue(cell.value, channel.kind, decimal)
      if ('problem' in parsed) refuseIn(channel, problemOf(line, cell.channel, parsed.problem, cell.value))
      return
    }
    const tally = tallyOf(cell.value, decimal)
    channel.tallies[tally]++
    // Whether it is a problem shows when the channel's kind is known.
    if (channel.problems.filter((one) => one.tally === tally).length < PROBLEMS_KEPT) {
      const problem = tally === 'not_finite' ? 'not_finite' : tally === 'text' ? 'value' : 'kind'
      channel.problems.push({ tally, told: problemOf(line, cell.channel, problem, cell.value) })
    }
    if (cell.value.length > MOST_TEXT) channel.refused++
  }

  #channelOf(line: number, { gateway, channel: key, unit }: RowCell): ChannelScan | null {
    const id = `${gateway}\n${key}`
    const seen = this.#channels.get(id)
    if (seen) return seen
    if (!isChannelKey(key) || this.#channels.size >= MOST_CHANNELS) return null
    this.#gateways.add(gateway)
    const channel: ChannelScan = {
      gateway,
      key,
      unit: isUnit(unit) ? unit : null,
      kind: this.#known.get(key) ?? null,
      readings: 0,
      firstLine: line,
      from: Number.POSITIVE_INFINITY,
      to: Number.NEGATIVE_INFINITY,
      tallies: { number: 0, bit: 0, boolean: 0, text: 0, not_finite: 0 },
      refused: 0,
      problems: [],
    }
    this.#channels.set(id, channel)
    return channel
  }

  #refuse(line: number, column: string | null, problem: RowProblem, text: string): void {
    this.#refused++
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problemOf(line, column, problem, text))
  }

  /**
   * The gateway whose rows are taken: of a file of one gateway all, whatever its name; of a file of several those of
   * the gateway that the readings are for.
   */
  takes(code: string): (gateway: string) => boolean {
    return this.#gateways.size > 1 ? (gateway) => gateway === code : () => true
  }

  /** Kind and unit of each channel that is taken. */
  channels(code: string): Map<string, { kind: ValueKind; unit: string | null }> {
    const takes = this.takes(code)
    return new Map(
      [...this.#channels.values()]
        .filter(({ gateway }) => takes(gateway))
        .map((channel) => [channel.key, { kind: kindOf(channel), unit: channel.unit }]),
    )
  }

  report(code: string, dryRun: boolean): ImportReport {
    const takes = this.takes(code)
    const all = [...this.#channels.values()]
    const taken = all.filter(({ gateway }) => takes(gateway)).map(settled)
    const others = all.filter(({ gateway }) => !takes(gateway))
    const foreign = [...new Map(others.toReversed().map((one) => [one.gateway, one])).values()].map(
      ({ firstLine, gateway }) => problemOf(firstLine, null, 'gateway', gateway),
    )
    const total = (of: { readings: number }[]) => of.reduce((sum, { readings }) => sum + readings, 0)
    const problems = [
      ...this.#problems,
      ...foreign,
      ...taken.flatMap(({ problems }) => problems.map(({ told }) => told)),
    ]
    const { layout, separator, decimal, time, timeZone } = this.#format
    const good = taken.filter(({ readings, refused }) => readings > refused)
    return {
      dryRun,
      format: { layout, separator, decimal, time, timeZone },
      rows: this.#rows,
      readings: total(taken) - taken.reduce((sum, { refused }) => sum + refused, 0),
      empty: this.#empty,
      refused: this.#refused + total(others) + taken.reduce((sum, { refused }) => sum + refused, 0),
      from: good.length === 0 ? null : Math.min(...good.map(({ from }) => from)),
      to: good.length === 0 ? null : Math.max(...good.map(({ to }) => to)),
      channels: good.slice(0, CHANNELS_TOLD).map(({ key, unit, kind, isNew, readings, refused }) => ({
        channel: key,
        unit,
        kind,
        isNew,
        readings: readings - refused,
      })),
      channelCount: good.length,
      newChannels: good.filter(({ isNew }) => isNew).length,
      problems: problems.toSorted((a, b) => a.line - b.line).slice(0, MOST_PROBLEMS),
      stored: 0,
      equal: 0,
      corrections: 0,
    }
  }
}

/** A scanned channel, once its kind is known. */
function settled(channel: ChannelScan) {
  const { kind: known, tallies } = channel
  if (known !== null) return { ...channel, kind: known, isNew: false }
  const kind = kindOf(channel)
  const bad: Tally[] =
    kind === 'text'
      ? []
      : kind === 'boolean'
        ? ['number', 'text', 'not_finite']
        : ['boolean', 'text', 'not_finite']
  const refused = bad.reduce((sum, tally) => sum + tallies[tally], 0)
  const problems = channel.problems.filter(({ tally }) => tally !== null && bad.includes(tally))
  return { ...channel, kind, isNew: true, refused: channel.refused + refused, problems }
}

/** What most of its values are. */
function kindOf({ kind, tallies }: ChannelScan): ValueKind {
  if (kind !== null) return kind
  const { number, bit, boolean, text } = tallies
  if (text > number + bit + boolean) return 'text'
  return boolean > number ? 'boolean' : number + bit + boolean === 0 ? 'text' : 'number'
}

function tallyOf(text: string, decimal: string): Tally {
  const shape = shapeOf(text, decimal)
  return shape === 'number' && /^\s*[01]\s*$/.test(text) ? 'bit' : shape
}

function refuseIn(channel: ChannelScan, problem: Problem): void {
  channel.refused++
  if (channel.problems.length < PROBLEMS_KEPT * 2) channel.problems.push({ tally: null, told: problem })
}

function problemOf(line: number, column: string | null, problem: RowProblem, text: string): Problem {
  return { line, column, problem, text: text.slice(0, 80) }
}

export function isTimeInRange(ts: number): boolean {
  return ts >= EARLIEST && ts < LATEST
}

/** Quality bits, 0 to 255; nothing is good. */
export function isQuality(text: string): boolean {
  return text === '' || (/^\s*\d{1,3}\s*$/.test(text) && Number(text) < 256)
}

// Control characters are what is looked for.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/

/** As the broker takes them from gateways. */
function isChannelKey(key: string): boolean {
  return key.length > 0 && key.length <= 128 && !controlCharacters.test(key) && key.isWellFormed()
}

function isUnit(unit: string | null): unit is string {
  return unit !== null && unit.length <= 32 && !controlCharacters.test(unit) && unit.isWellFormed()
}
