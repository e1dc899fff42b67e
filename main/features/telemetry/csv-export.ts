import type { ReadingValue } from '#contract/model/reading.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { LiveChannel } from './channel-registry.ts'

const PAGE = 5_000

/**
 * A range of channels as CSV (RFC 4180), in chunks of a few thousand lines, one channel after the other:
 * `gateway,channel,unit,time,value,quality`, times as ISO 8601 UTC. Reads page by page, so that years of
 * readings need no memory.
 */
export async function* exportCsv(
  historian: Historian,
  channels: { channel: LiveChannel; gatewayCode: string }[],
  range: { from: number; to: number; raw: boolean },
  signal?: AbortSignal,
): AsyncGenerator<string> {
  yield 'gateway,channel,unit,time,value,quality\r\n'
  for (const { channel, gatewayCode } of channels) {
    const { row } = channel
    const prefix = [gatewayCode, row.key, row.unit ?? ''].map((text) => field(text, range.raw)).join(',')
    let after: number | null = null
    do {
      const query = {
        seriesId: row.seriesId,
        from: range.from,
        to: range.to,
        order: 'ascending' as const,
        limit: PAGE,
      }
      const page = await historian.raw(after === null ? query : { ...query, after }, signal)
      let chunk = ''
      for (const { ts, value, quality } of page.readings) {
        chunk += `${prefix},${new Date(ts).toISOString()},${typeof value === 'string' ? field(value, range.raw) : valueText(value)},${quality}\r\n`
      }
      if (chunk !== '') yield chunk
      after = page.next
    } while (after !== null && !signal?.aborted)
  }
}

function valueText(value: Exclude<ReadingValue, string>): string {
  return String(value)
}

/** Quoted where needed; text that a spreadsheet would run as a formula gets an apostrophe before it, unless `raw`. */
function field(text: string, raw: boolean): string {
  const safe = !raw && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
