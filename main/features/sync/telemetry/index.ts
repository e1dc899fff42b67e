export { cancelSweeps, readTailSeq, sendsReadings } from './progress.repository.ts'
export { addHistory } from './sweeps.ts'
export { TelemetrySync } from './telemetry-sync.ts'
