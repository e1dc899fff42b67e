import type { Historian } from '#platform/historian/historian.ts'
import type { LiveChannel } from '../channel-registry.ts'
import { exportStream } from './export-stream.ts'

/** A range of channels as long CSV, in chunks of text, for hosts without HTTP. */
export async function* exportCsv(
  historian: Pick<Historian, 'columns' | 'buckets'>,
  channels: { channel: LiveChannel; gatewayCode: string }[],
  range: { from: number; to: number; raw: boolean },
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const { from, to, raw } = range
  const task = {
    format: 'csv' as const,
    layout: 'long' as const,
    functions: ['avg' as const],
    raw,
    from,
    to,
    firstTs: from,
    channels: channels.map(({ channel: { row }, gatewayCode }) => ({
      seriesId: row.seriesId,
      gateway: gatewayCode,
      key: row.key,
      unit: row.unit,
      kind: row.kind,
    })),
  }
  const decoder = new TextDecoder()
  for await (const bytes of exportStream(historian, task, signal))
    yield decoder.decode(bytes, { stream: true })
}
