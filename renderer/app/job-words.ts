import { useTranslation } from 'react-i18next'
import { assertNever } from '#contract/errors.ts'
import type { Job } from '#contract/model/job.ts'
import { useFormat } from '../ui/format.ts'
import type { Mark } from '../ui/state-mark.tsx'

/** Jobs in words: what they do and what came of them. */
export function useJobWords() {
  const { t } = useTranslation('jobs')
  const format = useFormat()
  return {
    name(job: Job): string {
      switch (job.kind) {
        case 'telemetry.export':
          return job.params.format === 'parquet' ? t('kind.exportParquet') : t('kind.exportCsv')
        case 'telemetry.import':
          return job.params.dryRun === true ? t('kind.check') : t('kind.import')
        case 'gateways.import':
          return t('kind.importGateways')
        case 'claims.accept':
          return t('kind.claims')
        case 'audit.export':
          return t('kind.exportAudit')
        case 'privacy.own_export':
        case 'privacy.user_export':
          return t('kind.exportPerson')
        case 'privacy.tenant_export':
          return t('kind.exportTenant')
        case 'privacy.tenant_deletion':
          return t('kind.deleteTenant')
        default:
          return assertNever(job.kind)
      }
    },
    mark({ state }: Job): Mark {
      switch (state) {
        case 'queued':
          return 'waiting'
        case 'running':
          return 'running'
        case 'done':
          return 'passed'
        case 'failed':
        case 'interrupted':
          return 'failed'
        case 'cancelled':
          return 'suspended'
        default:
          return assertNever(state)
      }
    },
    result({ kind, params, result, file }: Job): string {
      const number = (name: string): string => format.integer(Number(result?.[name] ?? 0))
      switch (kind) {
        case 'telemetry.export': {
          const words = t('result.export', {
            readings: number('readings'),
            size: format.bytes(file?.bytes ?? 0),
          })
          const damaged = Number(result?.damaged ?? 0)
          return damaged === 0 ? words : `${words} ${t('result.damaged', { count: damaged })}`
        }
        case 'telemetry.import':
          return params.dryRun === true
            ? t('result.check', { readings: number('readings'), refused: number('refused') })
            : t('result.import', {
                stored: number('stored'),
                equal: number('equal'),
                corrections: number('corrections'),
                refused: number('refused'),
              })
        case 'gateways.import':
          return t('result.importGateways', {
            created: format.integer(Number(result?.created ?? 0) + Number(result?.again ?? 0)),
            same: number('same'),
            failed: number('failed'),
          })
        case 'claims.accept':
          return t('result.claims', { claimed: number('claimed'), failed: number('failed') })
        case 'audit.export':
          return t('result.audit', { entries: number('entries'), size: format.bytes(file?.bytes ?? 0) })
        case 'privacy.own_export':
        case 'privacy.user_export':
        case 'privacy.tenant_export':
          return t('result.privacy', { files: number('files'), size: format.bytes(file?.bytes ?? 0) })
        case 'privacy.tenant_deletion': {
          const setAside = Array.isArray(result?.setAside) ? result.setAside : []
          return setAside.length === 0
            ? t('result.deleted')
            : `${t('result.deleted')} ${t('result.setAside', { files: setAside.join(', ') })}`
        }
        default:
          return assertNever(kind)
      }
    },
  }
}
