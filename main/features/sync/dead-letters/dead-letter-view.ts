import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import type { ListedDeadLetter } from './dead-letters.repository.ts'
import { valueOf } from './reading-letter.ts'

/** As people see it. */
export function viewOf(letter: ListedDeadLetter): CloudDeadLetter {
  const { id, kind, direction, tenantId, channelId, channel, gateway, ts, flags, entity, entityId } = letter
  const { content, reason, reasonData, attempts, firstAt, lastAt } = letter
  const isReading = kind === 'reading'
  return {
    id,
    kind,
    direction,
    tenantId,
    channelId,
    channel,
    gateway,
    ts,
    entity,
    entityId,
    value: isReading ? showable(valueOf(content, flags ?? 0)) : null,
    fields: isReading ? null : (JSON.parse(content) as Record<string, unknown>),
    reason: { code: reason, data: JSON.parse(reasonData) },
    attempts,
    firstAt,
    lastAt,
  }
}

/** JSON knows neither NaN nor infinity. */
function showable(value: number | boolean | string): number | boolean | string {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
