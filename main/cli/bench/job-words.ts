import type { Cell } from '../table.ts'
import type { Job } from './bench-types.ts'

const kinds: Record<Job['kind'], string> = {
  gateway: 'gateway',
  identify: 'identify',
  erase: 'erase',
  backup: 'back up',
  restore: 'restore',
  write: 'write a file',
  settings: 'settings',
  firmware: 'firmware',
}

export const jobHeader = ['PORT', 'RESULT', 'GATEWAY', 'NAME', 'MAC', 'CHIP', 'FIRST READING', 'REMEDY']

/** A line of the table of results. */
export function jobRow(job: Job): Cell[] {
  const { port, gateway, board, error } = job
  return [
    port.name,
    resultOf(job),
    gateway?.code ?? '-',
    gateway?.name ?? '-',
    board?.mac ?? '-',
    board?.chip ?? '-',
    readingOf(job),
    error?.message ?? '',
  ]
}

export function jobFacts(job: Job): [string, string | number | null][] {
  const { board, gateway, firstReading, error, file } = job
  return [
    ['id', job.id],
    ['what', kinds[job.kind]],
    ['port', `${job.port.path}${job.port.isSimulated ? ' (simulated)' : ''}`],
    ['result', resultOf(job)],
    ['attempt', job.attempt === 1 ? null : String(job.attempt)],
    [
      'chip',
      board && [board.model, board.revision && `revision ${board.revision}`].filter(Boolean).join(', '),
    ],
    ['MAC', board?.mac ?? null],
    ['flash', typeof board?.flashSize === 'number' ? `${board.flashSize / 1024 ** 2} MB` : null],
    ['features', board === null || board.features.length === 0 ? null : board.features.join(', ')],
    ['security', board && securityOf(board.security)],
    ['gateway', gateway && `${gateway.code} "${gateway.name}"${gateway.again ? ', was one before' : ''}`],
    ['certificate', job.serial],
    ['first reading', firstReading && readingOf(job)],
    ['birth record', job.hasBirthRecord ? 'signed' : null],
    ['file', file && `${file.name}, ${file.bytes} bytes`],
    ['error', error && `${error.code}: ${error.message}`],
    ['begun', `${job.startedAt} by ${job.startedBy}`],
    ['ended', job.endedAt],
  ]
}

/** One word, and where it stopped. */
export function resultOf({ state, step }: Job): string {
  switch (state) {
    case 'passed':
    case 'skipped':
      return state
    case 'running':
      return step
    case 'failed':
    case 'cancelled':
    case 'interrupted':
      return `${state} while ${step}`
  }
}

function readingOf({ firstReading }: Job): string {
  if (firstReading === null) return '-'
  const { channel, value, unit, check } = firstReading
  return `${channel} ${String(value)}${unit === null ? '' : ` ${unit}`}${check === 'failed' ? ' (out of range)' : ''}`
}

type Security = NonNullable<Job['board']>['security']

function securityOf({ secureBoot, flashEncryption, downloadMode }: Security): string {
  const on = [
    secureBoot === true && 'secure boot',
    flashEncryption === true && 'flash encryption',
    downloadMode !== null && downloadMode !== 'open' && `download mode ${downloadMode}`,
  ].filter((word) => word !== false)
  if (on.length > 0) return on.join(', ')
  return secureBoot === null && flashEncryption === null ? 'not told' : 'open'
}
