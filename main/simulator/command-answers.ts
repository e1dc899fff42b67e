/** What a simulated box knows of itself. */
export interface BoxFacts {
  code: string
  /** Seconds. */
  uptime: number
  channels: number
  /** Messages that the site took. */
  sent: number
}

/**
 * The answer of a box to a command; null where the payload is none. `fail` is refused, so that one can see how that looks.
 */
export function answerTo(payload: Uint8Array, box: BoxFacts) {
  const command = read(payload)
  if (command === null) return null
  const { id, name } = command
  switch (name) {
    case 'identify':
      return { id, ok: true, result: { code: box.code, blinking: true, seconds: 30 } }
    case 'report':
      return { id, ok: true, result: { uptime: box.uptime, channels: box.channels, sent: box.sent } }
    case 'restart':
      return { id, ok: true, result: { uptime: box.uptime } }
    case 'fail':
      return { id, ok: false, error: 'this box was asked to fail' }
    default:
      return { id, ok: true, result: {} }
  }
}

function read(payload: Uint8Array): { id: string; name: unknown } | null {
  try {
    const { id, name } = (JSON.parse(Buffer.from(payload).toString()) ?? {}) as Record<string, unknown>
    return typeof id === 'string' ? { id, name } : null
  } catch {
    return null
  }
}
