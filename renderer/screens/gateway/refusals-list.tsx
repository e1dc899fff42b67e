import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RefusalRecord } from '#contract/api/gateways.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, Empty, KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './refusals-list.module.css'
import { useRefusals } from './use-gateway.ts'

const IN_CARD = 4

/** The latest refusals in a word each; the tab tells the rest. */
export function RefusalsCard({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation(['gateway', 'refusals'])
  const format = useFormat()
  const refusals = useRefusals(gateway.id).data?.refusals ?? []
  return (
    <Card title={t('refusals.title')} end={t('refusals.count', { count: refusals.length })}>
      {refusals.length === 0 ? (
        <p className="sub small" style={{ padding: '12px 16px' }}>
          {t('refusals.none')}
        </p>
      ) : (
        <>
          <ul className={css.short}>
            {refusals.slice(0, IN_CARD).map((refusal) => (
              <li key={refusal.id}>
                <time title={format.dateTime(refusal.lastAt)}>{shortDay(format.date(refusal.lastAt))}</time>
                <StateMark mark="refused" size={14} />
                <span className="ellipsis">
                  {t(`refusals:reason.${refusal.reason}`)}{' '}
                  <span className="sub">· {t('refusals.tries', { count: refusal.count })}</span>
                </span>
              </li>
            ))}
          </ul>
          <p style={{ padding: '8px 16px 12px' }} className="small">
            <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }} search={{ tab: 'refusals' }}>
              {t('refusals.open')}
            </Link>
          </p>
        </>
      )}
    </Card>
  )
}

/** Every refusal of the last 30 days: why in words, what to do, and the evidence. */
export function RefusalsTab({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const query = useRefusals(gateway.id)
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  const refusals = query.data?.refusals
  if (refusals === undefined) return null
  if (refusals.length === 0) return <Empty title={t('refusals.emptyTitle')} text={t('refusals.emptyText')} />
  return (
    <Card
      title={t('refusals.title')}
      end={
        <>
          <Link to="/doctor" search={{ subject: gateway.code }}>
            {t('actions.doctor')}
          </Link>
          {t('refusals.count', { count: refusals.length })}
        </>
      }
    >
      <ul>
        {refusals.map((refusal, index) => (
          <RefusalItem key={refusal.id} refusal={refusal} open={index === 0} />
        ))}
      </ul>
    </Card>
  )
}

function RefusalItem({ refusal, open }: { refusal: RefusalRecord; open: boolean }) {
  const { t } = useTranslation(['gateway', 'refusals'])
  const format = useFormat()
  const [unfolded, setUnfolded] = useState(open)
  const reason = t(`refusals:reason.${refusal.reason}`)
  const evidence = evidenceOf(refusal)
  return (
    <li className={css.item}>
      <button
        type="button"
        className={css.head}
        aria-expanded={unfolded}
        onClick={() => setUnfolded((was) => !was)}
      >
        <Icon name={unfolded ? 'chevron-down' : 'chevron-right'} size={14} />
        <StateMark mark="refused" />
        <span className="strong">{reason}</span>
        <span className="sub">{t('refusals.tries', { count: refusal.count })}</span>
        <time className="push sub" title={format.utc(refusal.lastAt)}>
          {format.dateTime(refusal.lastAt)}
        </time>
      </button>
      {unfolded && (
        <div className={css.body}>
          <div>
            <p>{t(`refusals:why.${refusal.reason}`)}</p>
            <p className="sec" style={{ marginTop: 4 }}>
              {t(`refusals:fix.${refusal.reason}`)}
            </p>
          </div>
          <div className={css.evidence}>
            <KeyValues
              pairs={[
                [t('refusals.first'), format.dateTime(refusal.firstAt)],
                [t('refusals.last'), format.dateTime(refusal.lastAt)],
                [
                  t('refusals.address'),
                  <code key="address" className="mono">
                    {refusal.address}
                  </code>,
                ],
                refusal.clientId === null
                  ? null
                  : [
                      t('refusals.clientId'),
                      <code key="client" className="mono">
                        {refusal.clientId}
                      </code>,
                    ],
                refusal.topic === null
                  ? null
                  : [
                      t('refusals.topic'),
                      <code key="topic" className="mono">
                        {refusal.topic}
                      </code>,
                    ],
                refusal.fingerprint === null
                  ? null
                  : [
                      t('refusals.fingerprint'),
                      <code key="print" className="mono">
                        {refusal.fingerprint}
                      </code>,
                    ],
                refusal.detail === null
                  ? null
                  : [
                      t('refusals.detail'),
                      <code key="detail" className="mono">
                        {refusal.detail}
                      </code>,
                    ],
              ]}
            />
            <CopyButton value={evidence} label={t('refusals.copy')} />
          </div>
        </div>
      )}
    </li>
  )
}

/** As it is sent to whoever looks after the firmware: plain, in English names, times in UTC. */
function evidenceOf(refusal: RefusalRecord): string {
  const lines = [
    `reason: ${refusal.reason}`,
    `tries: ${refusal.count}`,
    `first: ${refusal.firstAt.toISOString()}`,
    `last: ${refusal.lastAt.toISOString()}`,
    `address: ${refusal.address}`,
  ]
  for (const name of ['clientId', 'topic', 'fingerprint', 'detail'] as const) {
    const value = refusal[name]
    if (value !== null) lines.push(`${name}: ${value}`)
  }
  return lines.join('\n')
}

/** `18 Nov 2026` without its year: refusals of 30 days need none. */
function shortDay(date: string): string {
  return date.replace(/(,| de)? \d{4}$/, '')
}
