import type { ExportTask } from './export-task.ts'

/** How much of a long file is written when `channel` came to `ts`; 0 to 1. */
export function progressOf(task: ExportTask, channel: number, ts: number): number {
  return (channel + timeShare(task, ts)) / task.channels.length
}

/** How much of the range lies before `ts`; 0 to 1. */
export function timeShare({ from, to, firstTs }: ExportTask, ts: number): number {
  const start = Math.max(from, firstTs)
  return Math.min(1, Math.max(0, (ts - start) / Math.max(1, to - start)))
}
