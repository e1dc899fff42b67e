import { useTranslation } from 'react-i18next'
import type { SiteInfo } from '#contract/api/site.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import css from './api-keys.module.css'

/** How a key is used, ready to paste into a terminal. */
export function CurlExample({ secret }: { secret: string }) {
  const { t } = useTranslation('api-keys')
  const site = useSite()
  if (site === undefined) return null
  const command = `curl --cacert web-ca.crt -H "Authorization: Bearer ${secret}" ${addressOf(site)}/api/v1/gateways`
  return (
    <div className={css.example}>
      <p className="sec">{t('example.text')}</p>
      <div className={css.command}>
        <code aria-label={t('example.label')}>{command}</code>
        <CopyIconButton value={command} label={t('example.copy')} />
      </div>
    </div>
  )
}

/** Where programs find the site: the page's own address, or, in a window of the desktop, the site's first. */
function addressOf({ network }: SiteInfo): string {
  if (location.protocol === 'https:') return location.origin
  const host = network.names[0] ?? network.addresses.find((address) => !/^(0\.0\.0\.0|::)$/.test(address))
  return `https://${host === undefined ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${network.ports.https}`
}
