/** What a gateway answered; `result` and `error` as they are kept. */
export type CommandAnswer = { id: string; ok: boolean; result: string | null; error: string | null }

/** Bytes of a result as JSON; of a larger one its beginning is kept. */
export const RESULT_LIMIT = 64 * 1024
const ERROR_LIMIT = 2_000

/**
 * Reads `{id, ok, result | error}`, the payload of an acknowledgement.
 *
 * @returns null for anything else
 */
export function readAnswer(payload: Uint8Array): CommandAnswer | null {
  const parsed = parse(payload)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
  const { id, ok, result, error } = parsed as Record<string, unknown>
  if (typeof id !== 'string' || id.length > 64 || typeof ok !== 'boolean') return null
  return {
    id,
    ok,
    result: result === undefined ? null : bounded(JSON.stringify(result)),
    error: ok || error === undefined || error === null ? null : errorText(error),
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return undefined
  }
}

function bounded(json: string): string {
  const bytes = Buffer.byteLength(json)
  if (bytes <= RESULT_LIMIT) return json
  // A cut in the midst of a letter leaves U+FFFD. Escaped in JSON again, it must still fit.
  const start = Buffer.from(json).toString('utf8', 0, RESULT_LIMIT / 2 - 64)
  return JSON.stringify({ cut: true, bytes, start })
}

function errorText(error: unknown): string {
  const text = typeof error === 'string' ? error : JSON.stringify(error)
  return text.length > ERROR_LIMIT ? `${text.slice(0, ERROR_LIMIT - 1)}…` : text
}
