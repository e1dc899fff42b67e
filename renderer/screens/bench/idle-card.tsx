import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { BenchPort } from '#contract/api/bench.ts'
import { api } from '#renderer/api/client.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './bench.module.css'
import type { CardAsk } from './card-dialogs.tsx'
import { CardFrame } from './card-frame.tsx'
import { PortMenu } from './port-menu.tsx'

interface IdleCardProps {
  number: number
  port: BenchPort
  /** Of the run that is open; null: none is. */
  runId: string | null
  startsByItself: boolean
  next: string | null
  onAsk(ask: CardAsk): void
}

/** A board that is plugged in, and that nothing is done with. */
export const IdleCard = memo(function IdleCard(props: IdleCardProps) {
  const { t } = useTranslation('bench')
  const { port, runId } = props
  const kind = kindOf(port, runId)
  const isOpenable = kind === 'ready' || kind === 'plugged' || kind === 'skipped'
  return (
    <CardFrame
      number={props.number}
      name={port.name}
      isSimulated={port.isSimulated}
      end={kind === 'ready' || kind === 'plugged' ? t('card.notRead') : undefined}
      menu={isOpenable ? <PortMenu port={port} onAsk={props.onAsk} /> : undefined}
      tone={kind === 'denied' || kind === 'busy' ? 'warning' : 'quiet'}
      mark={kind === 'denied' || kind === 'busy' ? 'refused' : kind === 'skipped' ? 'suspended' : 'waiting'}
      word={t(`idle.${kind}`)}
      foot={<Foot {...props} kind={kind} />}
    >
      <div className={css.middle}>
        <p className={css.note}>
          <Words {...props} kind={kind} />
        </p>
      </div>
      <dl className={css.facts}>
        <dt>{t('card.adapter')}</dt>
        <dd>{port.guess ?? t(`adapter.${port.adapter}`)}</dd>
        {port.serialNumber !== null && (
          <>
            <dt>{t('card.serial')}</dt>
            <dd className="mono">{port.serialNumber}</dd>
          </>
        )}
      </dl>
    </CardFrame>
  )
})

type Kind = 'denied' | 'busy' | 'taken' | 'skipped' | 'ready' | 'plugged'

function kindOf({ access, isTaken, isSkipped }: BenchPort, runId: string | null): Kind {
  if (isTaken) return 'taken'
  if (access.state === 'denied') return 'denied'
  if (access.state === 'busy') return 'busy'
  if (runId === null) return 'plugged'
  return isSkipped ? 'skipped' : 'ready'
}

function Words({ kind, port, startsByItself, next }: IdleCardProps & { kind: Kind }) {
  const { t } = useTranslation(['bench', 'common'])
  const { access } = port
  if (kind === 'denied' && access.state === 'denied')
    return (
      <>
        {access.group === null ? t('idle.deniedText') : t('idle.deniedGroup', { group: access.group })}
        {access.command !== null && (
          <span className={css.command}>
            <code className="mono" title={access.command}>
              {access.command}
            </code>
            <CopyIconButton value={access.command} label={t('common:action.copy')} />
          </span>
        )}
      </>
    )
  if (kind === 'busy' && access.state === 'busy')
    return access.program === null
      ? t('idle.busyText')
      : t('idle.busyProgram', {
          program: access.pid === null ? access.program : `${access.program} (${access.pid})`,
        })
  if (kind !== 'ready')
    return t(`idle.${kind === 'taken' ? 'taken' : kind === 'skipped' ? 'skipped' : 'plugged'}Text`)
  if (startsByItself) return next === null ? t('idle.byItself') : t('idle.byItselfAs', { next })
  return next === null ? t('idle.readyText') : t('idle.readyAs', { next })
}

function Foot({ kind, port, runId }: IdleCardProps & { kind: Kind }) {
  const { t } = useTranslation('bench')
  const start = useMutation({ mutationFn: (run: string) => api.bench.start({ runId: run, port: port.path }) })
  const skip = useMutation({ mutationFn: (run: string) => api.bench.skip({ runId: run, port: port.path }) })
  const failure = start.error ?? skip.error
  if (failure !== null)
    return (
      <div className={css.footError}>
        <ErrorNote
          error={failure}
          onRetry={() => {
            start.reset()
            skip.reset()
          }}
        />
      </div>
    )
  if (runId === null || (kind !== 'ready' && kind !== 'skipped')) return null
  return (
    <>
      <Button size="xs" variant="filled" loading={start.isPending} onClick={() => start.mutate(runId)}>
        {t('idle.start')}
      </Button>
      {kind === 'ready' && (
        <Button size="xs" className="push" loading={skip.isPending} onClick={() => skip.mutate(runId)}>
          {t('idle.skip')}
        </Button>
      )}
    </>
  )
}
