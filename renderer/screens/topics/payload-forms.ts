import type { TopicMessage } from '#contract/api/topics.ts'

export type PayloadForm = 'json' | 'text' | 'hex'

/** Bytes in one line of a hex view. */
const HEX_LINE = 16
/** Levels that are indented: thousands of brackets would else become megabytes of space. */
const INDENTED = 40

export function bytesOf({ encoding, payload }: Pick<TopicMessage, 'encoding' | 'payload'>): Uint8Array {
  if (encoding === 'utf8') return new TextEncoder().encode(payload)
  return Uint8Array.from(atob(payload), (character) => character.charCodeAt(0))
}

/** Indented; null where it is no JSON, or a part of one. */
export function prettyJson({ encoding, payload }: Pick<TopicMessage, 'encoding' | 'payload'>): string | null {
  if (encoding !== 'utf8' || payload.trim() === '') return null
  try {
    // Numbers stay as they were written: 1.10, and integers beyond what a double holds.
    return indent(payload, JSON.parse(payload) as unknown)
  } catch {
    return null
  }
}

/** Offset, bytes, and what of them is ASCII. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += HEX_LINE) {
    const part = [...bytes.subarray(at, at + HEX_LINE)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0'))
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].join('  ').padEnd(48)
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${halves}  ${text}`)
  }
  return lines.join('\n')
}

/** The form that says most of it. */
export function likelyForm(message: Pick<TopicMessage, 'encoding' | 'payload'>): PayloadForm {
  if (message.encoding === 'base64') return 'hex'
  const start = message.payload.trimStart()[0]
  return (start === '{' || start === '[') && prettyJson(message) !== null ? 'json' : 'text'
}

/** Text that changes nothing of it but the white space between its parts. */
function indent(text: string, parsed: unknown): string {
  if (typeof parsed !== 'object' || parsed === null) return text.trim()
  let out = ''
  let depth = 0
  const line = () => `\n${'  '.repeat(Math.min(depth, INDENTED))}`
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === '{' || token === '[') {
      depth += 1
      out += token + line()
    } else if (token === '}' || token === ']') {
      depth -= 1
      // Nothing between them.
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token
    } else if (token === ',') out += token + line()
    else if (token === ':') out += ': '
    else out += token
  }
  return out
}
