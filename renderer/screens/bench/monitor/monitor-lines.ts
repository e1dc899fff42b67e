import type { LineMeaning } from '#contract/model/board-line.ts'

/** A line as the monitor keeps it. */
export interface MonitorLine {
  /** Counts on for as long as the monitor is open. */
  id: number
  at: Date
  text: string
  meaning: string | null
  data: Record<string, string | number>
}

/** Lines that are kept; older ones go. */
export const LINES_MOST = 10_000

/** Adds lines behind the others and lets the oldest go, in one step for many. */
export function withLines(
  before: readonly MonitorLine[],
  added: readonly Omit<MonitorLine, 'id'>[],
): readonly MonitorLine[] {
  const from = (before.at(-1)?.id ?? -1) + 1
  const numbered = added.map((line, index) => ({ ...line, id: from + index }))
  const all = [...before, ...numbered]
  return all.length > LINES_MOST ? all.slice(all.length - LINES_MOST) : all
}

/** Lines that have all the words of a filter, wherever and in whichever case. */
export function filterLines(lines: readonly MonitorLine[], filter: string): readonly MonitorLine[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return lines
  return lines.filter(({ text }) => {
    const lower = text.toLowerCase()
    return words.every((word) => lower.includes(word))
  })
}

/** As a text file: ISO 8601 in UTC, a tab, the line. */
export function linesText(lines: readonly MonitorLine[]): string {
  return lines.map(({ at, text }) => `${at.toISOString()}\t${text}\n`).join('')
}

type Weight = 'bad' | 'warn' | 'good' | 'plain'

/** How grave each meaning is. */
export const weights: Readonly<Record<LineMeaning, Weight>> = {
  reset: 'plain',
  boot_loop: 'bad',
  download_mode: 'plain',
  download_disabled: 'warn',
  no_app: 'bad',
  flash_error: 'bad',
  flash_size: 'warn',
  secure_boot: 'bad',
  brownout: 'warn',
  panic: 'bad',
  registers: 'plain',
  backtrace: 'plain',
  abort: 'bad',
  assert: 'bad',
  stack_overflow: 'bad',
  watchdog: 'warn',
  rebooting: 'plain',
  noise: 'warn',
  gateway_boot: 'plain',
  setup_waiting: 'plain',
  settings_failed: 'warn',
  wifi_connecting: 'plain',
  wifi_connected: 'good',
  wifi_failed: 'warn',
  broker_connecting: 'plain',
  broker_connected: 'good',
  broker_failed: 'warn',
  published: 'good',
}

/** It gives the line its colour and shape. */
export function weightOf(meaning: string | null): Weight {
  return meaning !== null && meaning in weights ? weights[meaning as LineMeaning] : 'plain'
}
