import type { BenchPort } from '#contract/api/bench.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import { BackupDialog } from './actions/backup-dialog.tsx'
import { EraseDialog } from './actions/erase-dialog.tsx'
import { FileDialog } from './actions/file-dialog.tsx'
import { FirmwareDialog } from './actions/firmware-dialog.tsx'
import { IdentifyDialog } from './actions/identify-dialog.tsx'
import { SerialSetupDialog } from './actions/serial-setup-dialog.tsx'
import { SettingsDialog } from './actions/settings-dialog.tsx'
import { JobDialog } from './job-dialog.tsx'

/** What a person asks of a card. */
export type CardAsk =
  | { kind: 'job'; jobId: string }
  | {
      kind: 'identify' | 'serial' | 'settings' | 'firmware' | 'backup' | 'restore' | 'write' | 'erase'
      port: BenchPort
    }

export interface ActionDialogProps {
  port: BenchPort
  /** A job began: what becomes of it is shown in place of the question. */
  onJob(jobId: string): void
  onClose(): void
}

/** The dialog of what was asked; a job that begins there is shown as the job. */
export function CardDialogs(props: {
  ask: CardAsk | null
  jobs: ReadonlyMap<string, FlashJob>
  onAsk(ask: CardAsk | null): void
}) {
  const { ask, onAsk } = props
  const onClose = () => onAsk(null)
  if (ask === null) return null
  if (ask.kind === 'job')
    return <JobDialog key={ask.jobId} jobId={ask.jobId} live={props.jobs.get(ask.jobId)} onClose={onClose} />
  const shared = { port: ask.port, onJob: (jobId: string) => onAsk({ kind: 'job', jobId }), onClose }
  switch (ask.kind) {
    case 'identify':
      return <IdentifyDialog {...shared} />
    case 'serial':
      return <SerialSetupDialog port={ask.port} onClose={onClose} />
    case 'settings':
      return <SettingsDialog {...shared} />
    case 'firmware':
      return <FirmwareDialog {...shared} />
    case 'backup':
      return <BackupDialog {...shared} />
    case 'restore':
    case 'write':
      return <FileDialog {...shared} kind={ask.kind} />
    case 'erase':
      return <EraseDialog {...shared} />
  }
}
