import { errorText, isErrorCode } from '#contract/errors.ts'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { field } from '#platform/csv/csv-field.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { viewOf } from './dead-letter-view.ts'
import { type DeadLetterFilter, listDeadLetters } from './dead-letters.repository.ts'

const PAGE = 500
const columns = [
  'kind',
  'direction',
  'tenant_id',
  'gateway',
  'channel',
  'time',
  'value',
  'entity',
  'entity_id',
  'fields',
  'reason',
  'reason_text',
  'attempts',
  'first_at',
  'last_at',
]

/** All of them as CSV (RFC 4180), newest first, some hundred lines a piece. */
export async function* deadLettersCsv(db: SiteDb, filter: DeadLetterFilter = {}): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`
  for (let after: string | undefined; ; ) {
    const letters = await listDeadLetters(db, filter, { limit: PAGE, after })
    if (letters.length > 0) yield letters.map((letter) => line(viewOf(letter))).join('')
    if (letters.length < PAGE) return
    after = letters.at(-1)?.id
  }
}

function line(letter: CloudDeadLetter): string {
  const { kind, direction, tenantId, gateway, channel, ts, value, entity, entityId, fields, reason } = letter
  const text = isErrorCode(reason.code) ? errorText(reason.code, reason.data) : reason.code
  const cells = [
    kind,
    direction,
    tenantId ?? '',
    gateway ?? '',
    channel ?? '',
    ts === null ? '' : moment(ts),
    typeof value === 'string' ? field(value, false) : String(value ?? ''),
    entity ?? '',
    entityId ?? '',
    fields === null ? '' : JSON.stringify(fields),
    reason.code,
    text,
    String(letter.attempts),
    moment(letter.firstAt),
    moment(letter.lastAt),
  ]
  // A number is a number: an apostrophe before its sign would make it text.
  return `${cells.map((cell, at) => (at === VALUE ? cell : field(cell, false))).join(',')}\r\n`
}

const VALUE = columns.indexOf('value')

/** Beyond the times of a Date: as the number that it is. */
function moment(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms)
}
