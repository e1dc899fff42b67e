import type { Format } from '#renderer/ui/format.ts'
import { channelStroke } from './chart-colors.ts'
import type { ReadoutLine } from './readout-lines.ts'
import css from './time-chart.module.css'

export interface ReadoutWords {
  format: Format
  none: string
  state(state: string | null): string
  range(min: string, max: string): string
  /** The earlier value and the difference to it. */
  before(value: string, difference: string): string
}

export interface ReadoutContent {
  ts: number
  /** CSS pixels from the left edge of the chart. */
  left: number
  width: number
  lines: readonly ReadoutLine[]
  /** ms that the comparison lies back; null without one. */
  offset: number | null
  notes: readonly string[]
}

interface Row {
  name: HTMLElement
  value: HTMLElement
  detail: HTMLElement
  swatch: HTMLElement
}

/**
 * The box of values beside the cursor. It follows every move of a mouse, so it is written to the page directly:
 * rendering it with the screen took most of a frame with a dozen channels.
 */
export class ReadoutView {
  readonly #box = element('div', css.readout)
  readonly #time = element('time')
  readonly #utc = element('time')
  readonly #notes = element('div', css.notes)
  readonly #values = element('div', css.values)
  readonly #rows: Row[] = []

  constructor(host: HTMLElement) {
    this.#box.hidden = true
    // The summary table and the live region say the same.
    this.#box.setAttribute('aria-hidden', 'true')
    this.#box.append(this.#time, this.#utc, this.#notes, this.#values)
    host.append(this.#box)
  }

  show({ ts, left, width, lines, offset, notes }: ReadoutContent, words: ReadoutWords): void {
    const { format } = words
    const at = Math.round(ts)
    write(this.#time, format.dateTime(at))
    write(
      this.#utc,
      offset === null ? format.utc(Math.round(ts / 1_000) * 1_000) : `↔ ${format.dateTime(at - offset)}`,
    )
    write(this.#notes, notes.join('\n'))
    this.#notes.hidden = notes.length === 0
    lines.forEach((line, index) => this.#write(this.#row(index), line, words))
    for (const [index, row] of this.#rows.entries())
      for (const part of Object.values(row))
        part.hidden = index >= lines.length || (part === row.detail && part.textContent === '')
    this.#box.hidden = false
    const onRight = left < width / 2
    this.#box.style.left = onRight ? `${left + 16}px` : ''
    this.#box.style.right = onRight ? '' : `${width - left + 16}px`
  }

  hide(): void {
    this.#box.hidden = true
  }

  remove(): void {
    this.#box.remove()
  }

  #row(index: number): Row {
    const known = this.#rows[index]
    if (known !== undefined) return known
    const row = {
      swatch: element('span', css.swatch),
      name: element('span', css.name),
      value: element('span', css.value),
      detail: element('span', css.range),
    }
    this.#values.append(row.swatch, row.name, row.value, row.detail)
    this.#rows.push(row)
    return row
  }

  #write(row: Row, line: ReadoutLine, words: ReadoutWords): void {
    const { format } = words
    const { channel, value, state, min, max, before } = line
    const unit = channel.unit ?? ''
    row.swatch.style.background = channelStroke(channel.color)
    write(row.name, channel.name)
    write(
      row.value,
      state !== undefined
        ? words.state(state)
        : value === null
          ? words.none
          : `${format.number(value)} ${unit}`.trim(),
    )
    const details: string[] = []
    if (min !== null && max !== null) details.push(words.range(format.number(min), format.number(max)))
    if (before !== null)
      details.push(
        words.before(
          `${format.number(before)} ${unit}`.trim(),
          value === null ? words.none : signed(format.number(value - before), value - before),
        ),
      )
    write(row.detail, details.join(' · '))
  }
}

function signed(text: string, value: number): string {
  return value > 0 ? `+${text}` : text
}

function element(tag: string, name?: string): HTMLElement {
  const made = document.createElement(tag)
  if (name !== undefined) made.className = name
  return made
}

/** Text that stays the same is left alone: a write costs a layout. */
function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text
}
