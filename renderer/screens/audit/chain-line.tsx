import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditFinding, AuditReport } from '#contract/model/audit.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './audit.module.css'
import { KeepDialog } from './keep-dialog.tsx'
import { useAuditStatus } from './use-entries.ts'

/** How far the chain is proved, a way to prove it now, and how long entries are kept. */
export function ChainLine() {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const { data: status, error } = useAuditStatus()
  const mayKeep = useMay('site:write')
  const [asksHowLong, setAsksHowLong] = useState(false)
  const verify = useMutation({
    mutationFn: () => api.audit.verify(),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['audit'] }),
  })
  const proof = status?.verified ?? null
  return (
    <>
      <div className={css.chain}>
        <span className={css.proof} role="status">
          {proof !== null && <StateMark mark={proof.found === 0 ? 'passed' : 'failed'} size={14} />}
          {status === undefined
            ? ''
            : proof === null
              ? t('chain.never', { count: status.lastSeq, last: format.integer(status.lastSeq) })
              : t(proof.found === 0 ? 'chain.sound' : 'chain.broken', {
                  upTo: format.integer(proof.upTo),
                  at: format.dateTime(proof.at),
                  count: proof.found,
                })}
        </span>
        <Button size="xs" loading={verify.isPending} onClick={() => verify.mutate()}>
          {t('chain.verify')}
        </Button>
        {status !== undefined && (
          <span className="sub">
            {status.retentionDays === null
              ? t('keep.ever')
              : t('keep.days', {
                  count: status.retentionDays,
                  days: format.integer(status.retentionDays),
                })}{' '}
            {mayKeep && (
              <button type="button" className="link-button" onClick={() => setAsksHowLong(true)}>
                {t('keep.change')}
              </button>
            )}
          </span>
        )}
      </div>
      {(error ?? verify.error) !== null && (
        <div className={css.inset}>
          <ErrorNote error={error ?? verify.error} />
        </div>
      )}
      {verify.data !== undefined && !verify.data.sound && <Findings report={verify.data} />}
      {asksHowLong && status !== undefined && (
        <KeepDialog days={status.retentionDays} onClose={() => setAsksHowLong(false)} />
      )}
    </>
  )
}

function Findings({ report }: { report: AuditReport }) {
  const { t } = useTranslation('audit')
  const where = ({ seq, toSeq }: AuditFinding) =>
    seq === null
      ? t('finding.head')
      : toSeq === null || toSeq === seq
        ? t('finding.entry', { seq })
        : t('finding.entries', { seq, toSeq })
  const shown = report.findings.slice(0, 10)
  return (
    <div className={css.inset}>
      <Note tone="red" title={t('chain.changed', { count: report.found })}>
        {t('chain.changedHint')}
      </Note>
      <ul className={css.findings}>
        {shown.map((finding) => (
          <li key={`${finding.kind} ${finding.seq}`}>
            {where(finding)}: {t(`finding.${finding.kind}`)}
          </li>
        ))}
      </ul>
      {report.found > shown.length && (
        <p className="sub">{t('finding.more', { count: report.found - shown.length })}</p>
      )}
    </div>
  )
}
