import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Notice } from '#contract/api/notices.ts'
import { type ClaimedGateway, forgetClaimed, useClaimedGateways } from '../api/claimed-gateways.ts'
import { api, useLiveEffect } from '../api/client.ts'
import { useFleet } from '../api/fleet-store.ts'
import { useMay, useMe } from '../api/use-session.ts'
import { showToast } from '../ui/toasts.tsx'

/** Tells the person when a box that they claimed in this window is online, and when one has acknowledged its binding. */
export function ClaimNews() {
  const { t } = useTranslation('claims')
  const claimed = useClaimedGateways()
  const isPerson = useMe()?.kind === 'person'
  const mayRead = useMay('gateways:read')
  useLiveEffect(
    ['notices'],
    (signal) => api.notices.watch(undefined, { signal }),
    ({ kind, gateway, detail }: Notice) => {
      const words = { code: gateway.code, name: gateway.name, detail: detail ?? '' }
      showToast({
        key: `${kind} ${gateway.id}`,
        mark: kind === 'gateway_bound' ? 'passed' : 'refused',
        text: t(`news.${kind}`, words),
        gatewayId: gateway.id,
      })
    },
    isPerson,
  )
  // The whole fleet is followed only while somebody waits for a part of it.
  return claimed.length > 0 && mayRead ? <ComingOnline claimed={claimed} /> : null
}

function ComingOnline({ claimed }: { claimed: readonly ClaimedGateway[] }) {
  const { t } = useTranslation('claims')
  const fleet = useFleet()
  useEffect(() => {
    const online = claimed.filter(({ id }) => fleet.byId.get(id)?.online === true)
    for (const { id, code, name } of online)
      showToast({
        key: `online ${id}`,
        mark: 'online',
        text: t('news.online', { code, name }),
        gatewayId: id,
      })
    forgetClaimed(online.map(({ id }) => id))
  }, [fleet, claimed, t])
  return null
}
