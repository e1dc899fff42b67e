import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Failure } from './exit-code.ts'
import { alignColumns, type Cell } from './table.ts'

/** Where a command's result goes: words and columns for people, or exactly one JSON value for scripts. */
export class Output {
  readonly #out: Writable
  readonly #err: Writable

  constructor(out: Writable, err: Writable) {
    this.#out = out
    this.#err = err
  }

  /** The one JSON value of a `--json` call. */
  json(value: unknown): void {
    this.#out.write(`${JSON.stringify(value)}\n`)
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`)
  }

  table(header: string[], rows: Cell[][]): void {
    for (const line of alignColumns([header, ...rows])) this.line(line)
  }

  /** `name  value` lines; entries without a value are left out. */
  facts(facts: [name: string, value: string | number | null | undefined][]): void {
    const shown = facts.filter(
      (fact): fact is [string, string | number] => fact[1] !== null && fact[1] !== undefined,
    )
    for (const line of alignColumns(shown.map(([name, value]) => [name, String(value)]))) this.line(line)
  }

  /** Text in large amounts: resolves when the reader has room again. */
  async stream(text: string | Uint8Array): Promise<void> {
    if (!this.#out.write(text)) await once(this.#out, 'drain')
  }

  /** Said beside the result: progress, hints. Never on stdout, so that `--json` and CSV stay clean. */
  note(text: string): void {
    this.#err.write(`${text}\n`)
  }

  /** Whether a person looks at what is noted, on a terminal where lines can be drawn again. */
  get isWatched(): boolean {
    return (this.#err as { isTTY?: boolean }).isTTY === true && process.env['TERM'] !== 'dumb'
  }

  /** Beside the result too, as it is: for lines that are drawn again. */
  draw(text: string): void {
    this.#err.write(text)
  }

  failure(failure: Failure, json: boolean): void {
    const { code, message, data } = failure
    this.note(json ? JSON.stringify({ error: { code, message, data } }) : `millwright: ${message}`)
  }
}
