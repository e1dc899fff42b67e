import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttClient } from '#contract/api/mqtt-clients.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'

export const stateMarks: Record<MqttClient['state'], Mark> = {
  active: 'online',
  suspended: 'suspended',
  expired: 'stale',
  cut_off: 'revoked',
}

/** How far clients go, in words; with one tenant without that word. */
export function useClientWords(): { reach(client: MqttClient): string; sign(client: MqttClient): string } {
  const { t } = useTranslation('mqtt-clients')
  const { several, acting } = useTenants()
  const named = several && acting === null
  return useMemo(() => {
    const partOf = ({ group, owner }: MqttClient) =>
      owner === null ? (group?.name ?? null) : t('reach.of', { name: owner.name })
    return {
      reach: (client) => {
        const part = partOf(client)
        if (!named) return part ?? t('reach.all')
        return part === null ? client.tenant.name : t('reach.part', { tenant: client.tenant.name, part })
      },
      sign: ({ hasPassword, certificate }) =>
        [...(hasPassword ? [t('sign.password')] : []), ...(certificate ? [t('sign.certificate')] : [])].join(
          ', ',
        ),
    }
  }, [t, named])
}
