import type { FlashLogLine } from '#contract/model/flash.ts'

/** A job's log as text: time, who, words, a line each. What boards say must not steer a terminal that shows it. */
export function logText(log: readonly FlashLogLine[]): string {
  return log
    .map(({ at, from, text }) => `${at.toISOString()}  ${from}  ${text.replace(/\p{Cc}/gu, '\u{fffd}')}\n`)
    .join('')
}
