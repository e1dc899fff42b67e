import { useTranslation } from 'react-i18next'
import type { GatewayConnection } from '#contract/api/gateway-connection.ts'
import { Card } from '#renderer/ui/layout.tsx'
import css from './connection-tab.module.css'

/** Every topic that the gateway may use, and nothing else. */
export function TopicsCard({ connection: { topics } }: { connection: GatewayConnection }) {
  const { t } = useTranslation('connection')
  return (
    <Card title={t('topics.title')}>
      {/* Wider than a phone: it scrolls by itself. */}
      <div className={css.scroll} tabIndex={0} role="region" aria-label={t('topics.title')}>
        <table className={css.topics}>
          <thead>
            <tr>
              <th scope="col">{t('topics.topic')}</th>
              <th scope="col">{t('topics.direction')}</th>
              <th scope="col">{t('topics.kind')}</th>
            </tr>
          </thead>
          <tbody>
            {topics.map(({ topic, direction, kind, will }) => (
              <tr key={`${direction} ${topic}`}>
                <td className="mono">{topic}</td>
                <td>{t(`topics.${direction}`)}</td>
                <td>
                  {will ? t('topics.will', { kind: t(`topics.kinds.${kind}`) }) : t(`topics.kinds.${kind}`)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="sec small" style={{ padding: '8px 16px 12px' }}>
        {t('topics.hint')}
      </p>
    </Card>
  )
}
