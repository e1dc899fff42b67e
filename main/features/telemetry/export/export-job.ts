import type { JobData } from '#contract/model/job.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { exportFileName, mediaTypes } from './export-names.ts'
import { HistorianSource } from './export-source.ts'
import type { ExportTask } from './export-task.ts'
import { exportOnThread } from './export-thread.ts'

/** What is kept of an export: channels by id, for what they are called may have changed when it runs. */
export interface ExportParams extends Omit<ExportTask, 'channels' | 'firstTs'> {
  channelIds: string[]
  /** For its file's name. */
  subject: string
}

export interface ExportJobDependencies {
  historian: Pick<Historian, 'columns' | 'buckets' | 'neighbours'>
  /** The task of now; channels that are gone are left out. */
  taskOf(params: ExportParams): Promise<ExportTask>
}

/** Progress is told in thousandths: how many readings there are is known only at the end. */
const WHOLE = 1_000

/** Exports begin again from nothing after a crash: their file is written anew. */
export function exportJob(dependencies: ExportJobDependencies): JobKind {
  return {
    permission: 'telemetry:export',
    afterCrash: 'resume',
    takesInput: false,
    shown: (params) => {
      const { channelIds, ...rest } = params as unknown as ExportParams
      return { ...rest, channels: channelIds.length }
    },
    run: (params, context) => runExport(dependencies, params as unknown as ExportParams, context),
  }
}

async function runExport(
  { historian, taskOf }: ExportJobDependencies,
  params: ExportParams,
  context: JobContext,
): Promise<JobData> {
  const { signal } = context
  const task = await taskOf(params)
  const firstTs = await firstReading(historian, task, signal)
  const file = await context.makeFile(exportFileName(params), mediaTypes[params.format])
  const source = new HistorianSource(historian, { ...task, firstTs }, signal)
  const emit = async (bytes: Uint8Array<ArrayBuffer>, fraction: number): Promise<void> => {
    await file.write(bytes)
    context.progress(Math.floor(fraction * WHOLE), WHOLE)
  }
  const totals = await exportOnThread({ ...task, firstTs }, source, emit, signal)
  for (const part of source.damaged) context.log('damaged', { ...part })
  context.progress(WHOLE, WHOLE)
  return {
    ...totals,
    channels: task.channels.length,
    missingChannels: params.channelIds.length - task.channels.length,
    bytes: file.bytes,
    damaged: source.damaged.length,
  }
}

/** Enough to guess from where the time goes that the progress is measured by. */
const ASKED_FOR_FIRST = 20

async function firstReading(
  historian: ExportJobDependencies['historian'],
  { channels, from }: ExportTask,
  signal: AbortSignal,
): Promise<number> {
  let first = Number.POSITIVE_INFINITY
  for (const { seriesId } of channels.slice(0, ASKED_FOR_FIRST)) {
    const { at, next } = await historian.neighbours(seriesId, from, signal)
    first = Math.min(first, at?.ts ?? next?.ts ?? first)
  }
  return Number.isFinite(first) ? first : from
}
