import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Network } from '#contract/api/site.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty } from '#renderer/ui/layout.tsx'
import { siteHost } from '#renderer/ui/site-host.ts'
import css from './claims.module.css'

/** Nobody waits: what a box does so that it appears here. `isBlind`: the person sees none without a claim window. */
export function NoKnocks({ isBlind, onName }: { isBlind: boolean; onName(): void }) {
  const { t } = useTranslation('claims')
  const site = useSite()
  const address = site === undefined ? null : bootstrapAddress(site.network, globalThis.location.hostname)
  return (
    <Empty
      title={t(isBlind ? 'blind.title' : 'empty.title')}
      text={t(isBlind ? 'blind.text' : 'empty.text')}
      action={
        <>
          {address !== null && !isBlind && (
            <p className={css.address}>
              <code className="mono">POST {address}</code>
              <CopyIconButton value={address} label={t('empty.copy')} />
            </p>
          )}
          <Button variant="filled" leftSection={<Icon name="qr" />} onClick={onName}>
            {t('name.open')}
          </Button>
        </>
      }
    />
  )
}

/** Where boxes knock: at the address that the person came by, unless that is this machine alone. */
export function bootstrapAddress(network: Network, here: string): string {
  const isHere = here === '' || here === 'localhost' || here === 'ui' || /^(127\.|\[?::1)/.test(here)
  const host = isHere ? siteHost(network) : here
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `https://${bare}:${network.ports.deviceHttps}/api/v1/gateways/bootstrap`
}
