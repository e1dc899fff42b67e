import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { BenchPort } from '#contract/api/bench.ts'
import type { FlashJob, ReadingCheck } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './bench.module.css'
import type { CardAsk } from './card-dialogs.tsx'
import { CardFrame, type CardTone } from './card-frame.tsx'
import {
  canRetry,
  flashWords,
  markOf,
  minutes,
  shareOf,
  stepAfter,
  stepBars,
  stepNumber,
} from './card-words.ts'
import { JobNote } from './job-note.tsx'
import { PortMenu } from './port-menu.tsx'
import { useJobWord } from './use-job-word.ts'

const tones: Record<FlashJob['state'], CardTone> = {
  running: 'running',
  passed: 'passed',
  failed: 'failed',
  cancelled: 'quiet',
  skipped: 'quiet',
  interrupted: 'warning',
}

/** A board on its way, or at the end of it. */
export const JobCard = memo(function JobCard(props: {
  number: number
  /** Null: its board is not plugged in. */
  port: BenchPort | null
  job: FlashJob
  check: ReadingCheck | null
  onAsk(ask: CardAsk): void
}) {
  const { job, port } = props
  const share = shareOf(job)
  const word = useJobWord()(job)
  return (
    <CardFrame
      number={props.number}
      name={job.port.name}
      isSimulated={job.port.isSimulated}
      end={<Who job={job} />}
      menu={
        port !== null && job.state !== 'running' && !port.isTaken ? (
          <PortMenu port={port} onAsk={props.onAsk} />
        ) : undefined
      }
      tone={tones[job.state]}
      mark={markOf(job)}
      word={word}
      time={<Time job={job} />}
      foot={<Foot {...props} />}
    >
      <div className={css.middle}>
        {job.state === 'running' && share !== null && (
          <div
            className={css.bar}
            role="progressbar"
            aria-label={word}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.floor(share * 100)}
          >
            <i style={{ transform: `scaleX(${share})` }} />
          </div>
        )}
        <JobNote job={job} check={props.check} />
      </div>
      {job.kind === 'gateway' && (
        <div className={css.steps} aria-hidden="true">
          {stepBars(job).map((bar, index) => (
            // Seven bars, always in this order.
            <i key={index} data-bar={bar} />
          ))}
        </div>
      )}
      <Facts job={job} port={port} />
    </CardFrame>
  )
})

/** Who the board is, as far as that is known. */
function Who({ job }: { job: FlashJob }) {
  const { t } = useTranslation('bench')
  const name = job.gateway?.label ?? job.board?.mac
  if (name !== undefined) return <span className="mono">{name}</span>
  return job.state === 'running' ? t('card.notRead') : null
}

function Time({ job }: { job: FlashJob }) {
  const { t } = useTranslation('bench')
  const { progress, tries, state, startedAt, endedAt } = job
  if (state === 'passed' && endedAt !== null)
    return t('card.in', { time: minutes((endedAt.getTime() - startedAt.getTime()) / 1_000) })
  if (state !== 'running') return job.attempt > 1 ? t('card.attempt', { attempt: job.attempt }) : null
  const left = progress?.secondsLeft ?? null
  if (left !== null) return t('card.left', { time: minutes(left) })
  if (job.step === 'connecting' && tries > 0) return t('card.try', { tries })
  return job.attempt > 1 ? t('card.attempt', { attempt: job.attempt }) : null
}

/** Step, gateway and board. What failed says its step in large letters already: its remedy needs the room. */
function Facts({ job, port }: { job: FlashJob; port: BenchPort | null }) {
  const { t } = useTranslation('bench')
  const { board, gateway } = job
  const next = stepAfter(job.step)
  const step =
    job.kind !== 'gateway' || job.state === 'failed'
      ? null
      : job.state === 'passed'
        ? t('card.done')
        : t(next === null ? 'card.lastStep' : 'card.step', {
            number: stepNumber(job.step),
            next: next === null ? '' : t(`then.${next}`),
          })
  return (
    <dl className={css.facts}>
      {step !== null && (
        <>
          <dt>{t('card.stepName')}</dt>
          <dd>{step}</dd>
        </>
      )}
      {gateway !== null && (
        <>
          <dt>{t('card.gateway')}</dt>
          <dd title={`${gateway.code} ${gateway.name}`}>
            {gateway.id === null ? (
              `${gateway.code} ${gateway.name}`
            ) : (
              <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }}>
                {gateway.code} {gateway.name}
              </Link>
            )}
            {gateway.again && job.kind === 'gateway' && <span className="sub"> {t('card.again')}</span>}
          </dd>
        </>
      )}
      {board !== null
        ? !(job.state === 'failed' && gateway !== null) && (
            <>
              <dt>{t('card.board')}</dt>
              <dd title={board.mac}>
                {[
                  board.revision === null
                    ? board.model
                    : t('card.revision', { model: board.model, revision: board.revision }),
                  ...(board.flashSize === null ? [] : [flashWords(board.flashSize)]),
                ].join(', ')}
              </dd>
            </>
          )
        : (port?.guess ?? null) !== null && (
            <>
              <dt>{t('card.adapter')}</dt>
              <dd>{port?.guess}</dd>
            </>
          )}
    </dl>
  )
}

function Foot({ job, port, onAsk }: { job: FlashJob; port: BenchPort | null; onAsk(ask: CardAsk): void }) {
  const { t } = useTranslation(['bench', 'common'])
  const cancel = useMutation({ mutationFn: () => api.bench.cancel({ jobId: job.id }) })
  const retry = useMutation({ mutationFn: () => api.bench.retry({ jobId: job.id }) })
  const failure = cancel.error ?? retry.error
  const log = (isPrimary: boolean) => (
    <Button
      size="xs"
      className="push"
      variant={isPrimary ? 'default' : 'subtle'}
      onClick={() => onAsk({ kind: 'job', jobId: job.id })}
    >
      {t(job.kind === 'gateway' || job.state === 'running' ? 'card.log' : 'card.details')}
    </Button>
  )
  if (failure !== null)
    return (
      <div className={css.footError}>
        <ErrorNote
          error={failure}
          onRetry={() => {
            cancel.reset()
            retry.reset()
          }}
        />
      </div>
    )
  if (job.state === 'running')
    return (
      <>
        {log(false)}
        <Button size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t('common:action.cancel')}
        </Button>
      </>
    )
  if (canRetry(job))
    return (
      <>
        <Button
          size="xs"
          variant="filled"
          leftSection={<Icon name="refresh" size={14} />}
          loading={retry.isPending}
          // What stands on the board already is awaited without it.
          disabled={port === null && !job.committed}
          onClick={() => retry.mutate()}
        >
          {job.committed ? t('card.retryFrom', { step: t(`from.${job.step}`) }) : t('card.retry')}
        </Button>
        {port === null && !job.committed && <span className="ellipsis">{t('card.plugAgain')}</span>}
        {log(true)}
      </>
    )
  return (
    <>
      <span className="ellipsis">
        {job.labelled ? t('card.labelled') : ''}
        {port !== null && job.kind === 'gateway' && job.state === 'passed' && (
          <> {t(job.labelled ? 'card.unplugToo' : 'card.unplug')}</>
        )}
      </span>
      {log(job.kind !== 'gateway')}
    </>
  )
}
