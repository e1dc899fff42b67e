/** One measured number, as `npm run bench` prints it: one JSON line each, named as in docs and over the years. */
export interface Figure {
  name: string
  value: number | null
  unit: string
  /** The same measured of the peer, where there is one. */
  peer?: number | null
  /** value / peer. */
  ratio?: number | null
  /** How it was measured, in a few words, so that runs can be compared. */
  how: string
}

export function printFigure(figure: Figure): void {
  const rounded = { ...figure, value: round(figure.value) }
  if (figure.peer !== undefined) rounded.peer = round(figure.peer)
  if (figure.ratio !== undefined) rounded.ratio = round(figure.ratio)
  process.stdout.write(`${JSON.stringify(rounded)}\n`)
}

/** Progress goes to stderr, so that stdout holds figures alone. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? 0)) / 2
}

function round(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}
