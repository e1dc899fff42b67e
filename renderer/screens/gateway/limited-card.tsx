import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { useLimited } from './use-gateway.ts'

/** What of this gateway's messages was too much lately. Nothing is shown of one that keeps to its limits. */
export function LimitedCard({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const hours = useLimited(gateway.id).data?.limited ?? []
  const since = hours.at(-1)?.at
  if (since === undefined) return null
  const counts = (['dropped', 'delayed', 'closed'] as const).map((kind) => {
    const count = hours.reduce((sum, hour) => sum + hour[kind], 0)
    return count === 0 ? null : ([t(`limited.${kind}`), format.integer(count)] as const)
  })
  return (
    <Card
      title={t('limited.title')}
      end={
        <time dateTime={since.toISOString()} title={format.utc(since)}>
          {t('limited.since', { time: format.time(since) })}
        </time>
      }
    >
      <KeyValues pairs={counts} />
      <p className="sub small" style={{ padding: '0 16px 12px' }}>
        {t('limited.hint')}
      </p>
    </Card>
  )
}
