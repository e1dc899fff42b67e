import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api, useErrorText } from '#renderer/api/client.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { clockOf } from '../limits-form.ts'
import {
  countdown,
  problemError,
  type Remedy,
  remedyOf,
  secondsLeft,
  sentOf,
  stateMarks,
  stateTones,
} from '../state-words.ts'
import own from './overview.module.css'

/** How the link is, why, and what to do about it. */
export function StateBanner({
  status,
  onRemedy,
}: {
  status: CloudStatus
  onRemedy?: (remedy: Remedy) => void
}) {
  const { t } = useTranslation('cloud')
  const { state, problem } = status
  const remedy = remedyOf(problem)
  const isOff = state === 'live' && sentOf(status) === 'off'
  const text = useErrorText()(problemError(problem ?? { code: 'internal', data: {} }))
  const again = useMutation({ mutationFn: () => api.cloud.resume() })
  return (
    <>
      <section
        className={own.banner}
        data-tone={stateTones[state]}
        data-state={state}
        aria-label={t('state.label')}
      >
        <StateMark mark={stateMarks[state]} size={20} />
        <div>
          <div role="status">
            <h2>{isOff ? t('state.live.off') : t(`state.${state}.title`)}</h2>
          </div>
          <p className="sec">
            <StateText status={status} />
          </p>
          {problem !== null && (
            <div className={own.why}>
              <p className="strong">{text.what}</p>
              <p className="sec">{text.todo}</p>
            </div>
          )}
        </div>
        <div className={own.bannerActions}>
          {problem !== null && <CopyIconButton value={text.details} label={t('state.copy')} />}
          {state === 'stopped' && remedy === 'login' && onRemedy !== undefined && (
            <Button variant="filled" onClick={() => onRemedy('login')}>
              {t('state.changeLogin')}
            </Button>
          )}
          {state === 'stopped' && remedy === 'decide' && onRemedy !== undefined && (
            <Button variant="filled" onClick={() => onRemedy('decide')}>
              {t('state.decide')}
            </Button>
          )}
          {(state === 'waiting' || state === 'held_up' || (state === 'stopped' && remedy !== 'decide')) && (
            <Button loading={again.isPending} onClick={() => again.mutate()}>
              {t('state.tryNow')}
            </Button>
          )}
        </div>
      </section>
      {again.error !== null && <ErrorNote error={again.error} />}
    </>
  )
}

/** One sentence about the state, with its figures. */
function StateText({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const now = useNow()
  const { address, backlog, limits, problem, retryAt } = status
  const { host } = address
  const waits = retryAt === null || retryAt <= now ? null : countdown(retryAt - now, format.span)
  if (status.leaving !== null)
    return waits === null
      ? t(status.state === 'paused' ? 'leaving.paused' : 'leaving.text', { host })
      : t('leaving.retry', { span: waits })
  switch (status.state) {
    case 'connecting':
      return t('state.connecting.text', { host })
    case 'live':
      return t(`state.live.text.${sentOf(status)}`, { host })
    case 'catching_up': {
      const left = secondsLeft(backlog.readings, status.readingsPerSecond)
      return left === null
        ? t('state.catching_up.text', { host })
        : t('state.catching_up.left', { host, span: format.span(Math.max(1, left) * 1_000) })
    }
    case 'held_up':
      if (problem === null) return t('state.held_up.below')
      return waits === null ? t('state.held_up.now') : t('state.held_up.text', { span: waits })
    case 'waiting':
      return waits === null ? t('state.waiting.now') : t('state.waiting.text', { span: waits })
    case 'paused':
      return t('state.paused.text')
    case 'outside_window':
      return limits.window === null
        ? t('state.outside_window.closed')
        : t('state.outside_window.text', {
            from: clockOf(limits.window.from),
            to: clockOf(limits.window.to),
          })
    case 'leaving':
      return t('leaving.text', { host })
    case 'stopped':
      return waits === null ? t('state.stopped.text') : t('state.stopped.retry', { span: waits })
  }
}
