/** What of a birth record is shown; the whole of it is for whoever checks its signature. */
export interface ShownBirthRecord {
  flashedAt: Date | null
  who: string | null
  board: string | null
  mac: string | null
  firmware: string | null
  firmwareHash: string | null
  nvsHash: string | null
  certificate: string | null
  /** A test with a time as its value was passed then. */
  tests: { name: string; result: string; value: string | Date }[]
}

/** Reads the signed text. What an older or newer site wrote otherwise is left out. */
export function readBirthRecord(text: string): ShownBirthRecord {
  const record = parsed(text)
  const firmware = at(record, 'firmware')
  const board = at(record, 'board')
  const when = at(record, 'when')
  return {
    flashedAt: dateOf(at(when, 'flashed') ?? at(when, 'started')),
    who: wordsOf(at(record, 'who')),
    board: joined([
      wordsOf(at(board, 'model')) ?? wordsOf(at(board, 'chip')),
      wordsOf(at(board, 'revision')),
    ]),
    mac: wordsOf(at(board, 'mac')) ?? wordsOf(at(at(record, 'gateway'), 'mac')),
    firmware: joined([wordsOf(at(firmware, 'name')), wordsOf(at(firmware, 'version'))]),
    firmwareHash: wordsOf(at(firmware, 'sha256')),
    nvsHash: wordsOf(at(record, 'nvsSha256')),
    certificate: wordsOf(at(at(record, 'certificate'), 'fingerprint')),
    tests: listOf(at(record, 'tests')).map((test) => ({
      name: wordsOf(at(test, 'name')) ?? '',
      result: wordsOf(at(test, 'result')) ?? '',
      value: testValue(at(test, 'value')),
    })),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function wordsOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** A time, words, or a reading with its channel. */
function testValue(value: unknown): string | Date {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return dateOf(value) ?? value
  const reading = [at(value, 'channel'), at(value, 'value'), at(value, 'unit')].map(wordsOf)
  return wordsOf(value) ?? joined(reading) ?? ''
}

function dateOf(value: unknown): Date | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? null : date
}

function joined(parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null)
  return known.length === 0 ? null : known.join(' ')
}
