import { ExpectedError } from '#contract/errors.ts'

export interface CsvText {
  text: string
  /** As a person would name it. */
  encoding: string
}

const marks: readonly [encoding: string, bytes: readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/**
 * The text of a file: by its byte order mark; without one UTF-8, or what Windows programs write where it is none.
 *
 * @throws ExpectedError `csv_invalid` for NUL, which no text holds, and for what is not what its mark says
 */
export function readText(bytes: Uint8Array): CsvText {
  const { text, encoding } = decode(bytes)
  const nul = text.indexOf('\0')
  if (nul === -1) return { text, encoding }
  const line = text.slice(0, nul).split('\n').length
  throw new ExpectedError('csv_invalid', { line, cause: 'it holds a NUL: save it as UTF-8' })
}

function decode(bytes: Uint8Array): CsvText {
  for (const [encoding, mark] of marks)
    if (mark.every((byte, at) => bytes[at] === byte)) return { text: decodeAs(encoding, bytes), encoding }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' }
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' }
  }
}

/** Nothing is guessed: a name with a sign that was replaced would be a gateway's name. */
function decodeAs(encoding: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    const text = new TextDecoder(encoding).decode(bytes)
    const line = text.split('\ufffd', 1)[0]?.split('\n').length ?? 1
    throw new ExpectedError('csv_invalid', { line, cause: `it is not the ${encoding} that its mark says` })
  }
}
