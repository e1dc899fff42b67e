import { ActionIcon, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TopicRow, TopicSender } from '#contract/api/topics.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues, Pill, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { PayloadView } from './payload-view.tsx'
import css from './topics.module.css'
import { type NumberedMessage, useTopicMessages } from './use-topic-messages.ts'

/** The chosen topic: its newest message, from whom, how it changed, and those before it. */
export function TopicDetail(props: {
  path: string
  row: TopicRow | undefined
  tenant: string | undefined
  paused: boolean
  mayPublish: boolean
  onPublish(): void
  onClear(): void
  onClose(): void
}) {
  const { t } = useTranslation(['topics', 'refusals', 'common'])
  const { path, row, mayPublish } = props
  const live = useTopicMessages(path, props.tenant, props.paused)
  const { messages, notShown, retained, ready, error } = live
  const [picked, setPicked] = useState<number | null>(null)
  useEffect(() => setPicked(null), [path])
  const at = Math.max(
    0,
    messages.findIndex(({ number }) => number === picked),
  )
  const message = messages[at]
  const isRetained = ready ? retained : (row?.retained ?? false)
  return (
    <section className={css.detail} aria-label={t('detail', { topic: path })}>
      <div className={css.detailHead}>
        <h2 className={css.path}>{path}</h2>
        <CopyIconButton value={path} label={t('copyTopic')} />
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('common:action.close')}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </ActionIcon>
      </div>
      {error !== null && <ErrorNote error={error} />}
      <Facts row={row} message={message} isRetained={isRetained} />
      {message?.refusal !== null && message !== undefined && (
        <div className={css.inset}>
          <Note tone="orange" title={t(`refusals:reason.${message.refusal}`)}>
            {t('refusedNote')}
          </Note>
        </div>
      )}
      {message !== undefined && <PayloadView message={message} before={messages[at + 1] ?? null} />}
      {message === undefined && row?.last && !ready && <Skeleton height={120} />}
      {message === undefined && row !== undefined && row.last === null && (
        <p className={`${css.none} sub`}>{t('onlyLevel', { count: row.topics })}</p>
      )}
      {mayPublish && live.publishable && (
        <div className={css.detailActions}>
          <Button size="xs" onClick={props.onPublish}>
            {t('publish.here')}
          </Button>
          {isRetained && (
            <Button size="xs" onClick={props.onClear}>
              {t('clear.open')}
            </Button>
          )}
        </div>
      )}
      {messages.length > 1 && <History messages={messages} at={at} notShown={notShown} onPick={setPicked} />}
    </section>
  )
}

function Facts(of: { row: TopicRow | undefined; message: NumberedMessage | undefined; isRetained: boolean }) {
  const { t } = useTranslation('topics')
  const format = useFormat()
  const now = useNow()
  const { row, message, isRetained } = of
  return (
    <KeyValues
      pairs={[
        message === undefined ? null : [t('fact.from'), <Sender key="from" sender={message.sender} />],
        message === undefined
          ? null
          : [
              t('fact.at'),
              message.at === null ? (
                t('fact.before')
              ) : (
                <span key="at" title={format.dateTime(message.at)}>
                  {t('fact.ago', { age: format.age(Math.max(0, now - message.at)) })}
                </span>
              ),
            ],
        message === undefined ? null : [t('fact.size'), format.bytes(message.length)],
        message === undefined ? null : [t('fact.qos'), String(message.qos)],
        [t('fact.retained'), isRetained ? <Pill key="retained">{t('retained')}</Pill> : t('fact.no')],
        row === undefined ? null : [t('fact.messages'), format.integer(row.messages)],
        row === undefined || row.refused === 0 ? null : [t('fact.refused'), format.integer(row.refused)],
      ]}
    />
  )
}

function Sender({ sender: { kind, id, name } }: { sender: TopicSender }) {
  const { t } = useTranslation('topics')
  if (kind === 'gateway' && id !== null && name !== null)
    return (
      <Link to="/gateways/$gatewayId" params={{ gatewayId: id }}>
        {name}
      </Link>
    )
  return name === null ? t(`sender.${kind}`) : t('sender.named', { kind: t(`sender.${kind}`), name })
}

function History(of: {
  messages: readonly NumberedMessage[]
  at: number
  notShown: number
  onPick(number: number | null): void
}) {
  const { t } = useTranslation('topics')
  const format = useFormat()
  return (
    <section className={css.history} aria-label={t('history.title')}>
      <h3>{t('history.title')}</h3>
      <ul>
        {of.messages.map((message, index) => (
          <li key={message.number}>
            <button
              type="button"
              aria-pressed={index === of.at}
              onClick={() => of.onPick(index === 0 ? null : message.number)}
            >
              <span className="nowrap">{message.at === null ? NOTHING : format.clock(message.at)}</span>
              <span className={`${css.historyPayload} ellipsis`}>{message.payload.slice(0, 80)}</span>
              <span className="sub nowrap">{format.bytes(message.length)}</span>
            </button>
          </li>
        ))}
      </ul>
      {of.notShown > 0 && <p className="sub small">{t('history.notShown', { count: of.notShown })}</p>}
    </section>
  )
}
