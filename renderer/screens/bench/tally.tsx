import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './bench.module.css'

/** How the run stands, to be read from three metres. */
export function Tally({ run }: { run: BenchRun }) {
  const { t } = useTranslation('bench')
  const { passed, failed, running, skipped } = run.counts
  return (
    <Card label={t('tally.label')} className={css.tally ?? ''}>
      <div className={css.big}>
        <StateMark mark="passed" size={36} />
        <b>{passed}</b>
        <span>{t('tally.passed', { count: passed })}</span>
      </div>
      <div className={css.big} data-failed={failed > 0 || undefined}>
        {failed > 0 ? <StateMark mark="failed" size={36} /> : <QuietMark />}
        <b>{failed}</b>
        <span>{t('tally.failed', { count: failed })}</span>
      </div>
      <div className={css.big}>
        <StateMark mark={running > 0 ? 'running' : 'waiting'} size={36} />
        <b>{running}</b>
        <span>{t('tally.running', { count: running })}</span>
      </div>
      <Progress run={run} />
      {skipped > 0 && <span className="visually-hidden">{t('tally.skipped', { count: skipped })}</span>}
    </Card>
  )
}

/** Nothing has failed: the place keeps its width, without its colour. */
function QuietMark() {
  return (
    <svg width={36} height={36} viewBox="0 0 16 16" aria-hidden="true">
      <rect x="1.5" y="1.5" width="13" height="13" rx="1" fill="none" stroke="var(--line-strong)" />
    </svg>
  )
}

/** Of the boards that are expected: how many are done, and how long the rest takes. */
function Progress({ run }: { run: BenchRun }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const { expected } = run.setup
  const { passed, failed } = run.counts
  const done = passed + failed
  const word =
    run.state !== 'open'
      ? t(run.state === 'stopping' ? 'tally.stopping' : 'tally.ended')
      : run.secondsLeft === null
        ? ''
        : t('tally.left', { span: format.age(Math.max(60, run.secondsLeft) * 1_000) })
  if (expected === null)
    return (
      <div className={css.progress} data-open>
        <div className={css.progressWords}>
          <span>{t('tally.doneOpen', { shown: format.integer(done), count: done })}</span>
          <span className="push">{word}</span>
        </div>
      </div>
    )
  const share = (count: number) => `${Math.min(100, (count / expected) * 100)}%`
  return (
    <div className={css.progress}>
      <div className={css.progressWords}>
        <span>{t('tally.done', { done: format.integer(done), expected: format.integer(expected) })}</span>
        <span className="push">{word}</span>
      </div>
      <div
        className={css.progressBar}
        role="progressbar"
        aria-label={t('tally.progress')}
        aria-valuemin={0}
        aria-valuemax={expected}
        aria-valuenow={Math.min(done, expected)}
      >
        <i style={{ width: share(passed) }} />
        <i data-failed style={{ width: share(failed) }} />
      </div>
    </div>
  )
}
