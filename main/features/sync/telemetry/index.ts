export { deleteSentReadings } from './delete-sent.ts'
export type { SweepRow } from './progress.repository.ts'
export { addHistory } from './sweeps.ts'
export { TelemetrySync } from './telemetry-sync.ts'
