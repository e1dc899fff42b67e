import { type ErrorData, errorText, isErrorCode } from '#contract/errors.ts'
import type { BoardInfo, FlashedRegion, FlashProgress } from '#contract/model/board.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'

/** What only memory knows of a job that runs. */
export interface LiveJob {
  progress: FlashProgress | null
  boardSays: string | null
}

type StoredReading = Omit<NonNullable<FlashJob['firstReading']>, 'at'> & { at: number }

/** A job as the contract gives it. */
export function viewOfJob(row: FlashJobRow, live: LiveJob | undefined): FlashJob {
  const { code, name, label, gatewayId } = row
  return {
    id: row.id,
    runId: row.runId,
    kind: row.kind,
    port: JSON.parse(row.port) as FlashJob['port'],
    state: row.state,
    step: row.step,
    progress: row.state === 'running' ? (live?.progress ?? null) : null,
    tries: row.tries,
    attempt: row.attempt,
    board: row.board === null ? null : (JSON.parse(row.board) as BoardInfo),
    gateway:
      code === null ? null : { id: gatewayId, code, name: name ?? code, label, again: row.again === 1 },
    boardSays: live?.boardSays ?? null,
    firstReading: readingOf(row.firstReading),
    regions: JSON.parse(row.regions) as FlashedRegion[],
    serial: row.serial,
    labelled: row.labelledAt !== null,
    hasBirthRecord: Number(row.hasBirthRecord) === 1,
    file: row.fileName === null ? null : { name: row.fileName, bytes: row.fileBytes ?? 0 },
    error: errorOf(row),
    committed: row.committedAt !== null,
    startedBy: row.startedByName,
    startedAt: new Date(row.startedAt),
    endedAt: row.endedAt === null ? null : new Date(row.endedAt),
  }
}

function readingOf(stored: string | null): FlashJob['firstReading'] {
  if (stored === null) return null
  const { at, ...reading } = JSON.parse(stored) as StoredReading
  return { ...reading, at: new Date(at) }
}

function errorOf({ errorCode, errorData }: FlashJobRow): FlashJob['error'] {
  if (errorCode === null) return null
  const data = JSON.parse(errorData ?? '{}') as ErrorData
  const message = isErrorCode(errorCode) ? errorText(errorCode, data) : errorCode
  return { code: errorCode, message, data }
}
