import { useTranslation } from 'react-i18next'
import type { SiteInfo } from '#contract/api/site.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import css from './settings.module.css'

export function SiteCard({ site }: { site: SiteInfo }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const now = useNow()
  return (
    <Card title={t('site.title')}>
      <KeyValues
        pairs={[
          [t('site.name'), site.name],
          [t('site.version'), site.version],
          [
            t('site.started'),
            <span key="started" title={`${format.dateTime(site.startedAt)} (${format.utc(site.startedAt)})`}>
              {t('site.startedAgo', { span: format.span(now - site.startedAt.getTime()) })}
            </span>,
          ],
          [
            t('site.dataDir'),
            <code key="data" className={`mono ${css.wrap}`}>
              {site.dataDir}
            </code>,
          ],
          site.tenants.length > 1
            ? [t('site.tenants'), site.tenants.map((tenant) => tenant.name).join(', ')]
            : null,
        ]}
      />
      {site.demo && <p className={`${css.text} small t-yellow`}>{t('site.demo')}</p>}
    </Card>
  )
}
