import type { FlashJob } from '#contract/model/flash.ts'

/** What a result list says of a board; empty text where there is nothing to say. */
export interface ResultRow {
  started: string
  ended: string
  port: string
  result: string
  step: string
  code: string
  name: string
  label: string
  mac: string
  chip: string
  revision: string
  flash_bytes: string
  attempts: string
  certificate_serial: string
  channel: string
  value: string
  unit: string
  check: string
  error: string
  message: string
}

/** Columns in their order: stable, for scripts read them. */
export const resultColumns = [
  'started',
  'ended',
  'port',
  'result',
  'step',
  'code',
  'name',
  'label',
  'mac',
  'chip',
  'revision',
  'flash_bytes',
  'attempts',
  'certificate_serial',
  'channel',
  'value',
  'unit',
  'check',
  'error',
  'message',
] as const satisfies (keyof ResultRow)[]

/** Times in ISO 8601, UTC. */
export function resultRow(job: FlashJob): ResultRow {
  const { board, gateway, firstReading, error } = job
  return {
    started: job.startedAt.toISOString(),
    ended: job.endedAt?.toISOString() ?? '',
    port: job.port.name,
    result: job.state,
    step: job.state === 'passed' ? '' : job.step,
    code: gateway?.code ?? '',
    name: gateway?.name ?? '',
    label: gateway?.label ?? '',
    mac: board?.mac ?? '',
    chip: board?.model ?? '',
    revision: board?.revision ?? '',
    flash_bytes: String(board?.flashSize ?? ''),
    attempts: String(job.attempt),
    certificate_serial: job.serial ?? '',
    channel: firstReading?.channel ?? '',
    value: String(firstReading?.value ?? ''),
    unit: firstReading?.unit ?? '',
    check: firstReading?.check ?? '',
    error: error?.code ?? '',
    message: error?.message ?? '',
  }
}
