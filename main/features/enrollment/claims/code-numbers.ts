/**
 * Codes made of a pattern: `GW{n}` counts 1, 2, 3; `GW{n:03}` 001, 002, 003. It counts on from the highest number that the
 * tenant has under that pattern, and a number that came to nothing is given out again.
 */
export class CodeNumbers {
  readonly #head: string
  readonly #tail: string
  readonly #digits: number
  readonly #free: number[] = []
  #next: number

  /** @param pattern checked by the contract: exactly one `{n}`, `{n:3}` or `{n:03}` */
  constructor(pattern: string, taken: Iterable<string>) {
    const [, head = '', digits = '1', tail = ''] = /^(.*)\{n(?::0?([1-9]))?\}(.*)$/.exec(pattern) ?? []
    this.#head = head
    this.#tail = tail
    this.#digits = Number(digits)
    let highest = 0
    for (const code of taken) highest = Math.max(highest, this.#numberOf(code))
    this.#next = highest + 1
  }

  take(): string {
    const number = this.#free.shift() ?? this.#next++
    return this.#head + String(number).padStart(this.#digits, '0') + this.#tail
  }

  /** Nobody has it after all. */
  giveBack(code: string): void {
    const number = this.#numberOf(code)
    if (number === 0) return
    this.#free.push(number)
    this.#free.sort((a, b) => a - b)
  }

  /** 0 where the code is not of this pattern. */
  #numberOf(code: string): number {
    if (code.length <= this.#head.length + this.#tail.length) return 0
    if (!code.startsWith(this.#head) || !code.endsWith(this.#tail)) return 0
    const digits = code.slice(this.#head.length, code.length - this.#tail.length)
    return /^\d{1,9}$/.test(digits) ? Number(digits) : 0
  }
}
