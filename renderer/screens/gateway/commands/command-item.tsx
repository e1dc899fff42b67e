import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Command, type CommandState, isOpen } from '#contract/model/command.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import { gatewayChanged } from '../use-gateway.ts'
import css from './commands.module.css'

const marks: Record<CommandState, Mark> = {
  queued: 'waiting',
  sent: 'running',
  acknowledged: 'passed',
  failed: 'failed',
  expired: 'stale',
  cancelled: 'suspended',
}

/** One command: how far it came, and on demand what was asked and answered. */
export function CommandItem({ command, mayCommand }: { command: Command; mayCommand: boolean }) {
  const { t } = useTranslation('commands')
  const format = useFormat()
  const [unfolded, setUnfolded] = useState(false)
  const { id, gatewayId, name, args, state, createdAt, createdBy, sentAt, endedAt, expiresAt } = command
  const isLast = state === 'sent' && endedAt !== null
  const cancel = useMutation({
    mutationFn: () => api.commands.cancel({ commandId: id }),
    onSettled: () => gatewayChanged(gatewayId),
  })
  const again = useMutation({
    mutationFn: () =>
      api.commands.send({
        gateway: gatewayId,
        name,
        args,
        expiresIn: Math.round((expiresAt.getTime() - createdAt.getTime()) / 1_000),
      }),
    onSuccess: () => gatewayChanged(gatewayId),
  })
  const error = cancel.error ?? again.error
  return (
    <li className={css.item}>
      <div className={css.row}>
        <button
          type="button"
          className={css.head}
          aria-expanded={unfolded}
          onClick={() => setUnfolded((was) => !was)}
        >
          <Icon name={unfolded ? 'chevron-down' : 'chevron-right'} size={14} />
          <StateMark mark={isLast ? 'passed' : marks[state]} />
          <span className="strong ellipsis">{name}</span>
          <span className="sub">{isLast ? t('state.unanswered') : t(`state.${state}`)}</span>
          {isOpen(command) && <TimeLeft until={expiresAt} />}
          <time className="push sub" title={format.utc(createdAt)}>
            {format.dateTime(createdAt)}
          </time>
        </button>
        {mayCommand && state === 'queued' && (
          <Button size="compact-sm" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('cancel')}
          </Button>
        )}
        {mayCommand && !isOpen(command) && command.purpose === null && (
          <Button size="compact-sm" loading={again.isPending} onClick={() => again.mutate()}>
            {t('again')}
          </Button>
        )}
      </div>
      {error !== null && <ErrorNote error={error} />}
      {unfolded && (
        <div className={css.body}>
          <KeyValues
            pairs={[
              [t('fact.by'), createdBy],
              [t('fact.args'), <Json key="args" value={args} />],
              [t('fact.sent'), sentAt === null ? t('fact.notSent') : format.dateTime(sentAt)],
              endedAt === null || isLast ? null : [t('fact.ended'), format.dateTime(endedAt)],
              isOpen(command) ? [t('fact.expires'), format.dateTime(expiresAt)] : null,
              command.result === null
                ? null
                : [t('fact.result'), <Json key="result" value={command.result} />],
              command.error === null
                ? null
                : [t('fact.error'), command.error === 'gateway_left' ? t('gatewayLeft') : command.error],
            ]}
          />
        </div>
      )}
    </li>
  )
}

function TimeLeft({ until }: { until: Date }) {
  const { t } = useTranslation('commands')
  const format = useFormat()
  const left = Math.max(0, until.getTime() - useNow())
  return <span className="sub live-value">{t('left', { time: format.span(left) })}</span>
}

function Json({ value }: { value: unknown }) {
  return <code className={css.json}>{JSON.stringify(value, null, 2)}</code>
}
