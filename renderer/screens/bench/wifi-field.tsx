import { Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './bench.module.css'
import { useWifi } from './use-setup.ts'
import { WifiDialog } from './wifi-dialog.tsx'

const NONE = ''

/** The network that boards join; its password stays sealed on the site. */
export function WifiField(props: {
  tenant: string | null
  value: string | null
  onChange(wifiId: string | null): void
  /** A network has to be chosen. */
  needed?: boolean
}) {
  const { t } = useTranslation('bench')
  const { tenant, value, onChange, needed = false } = props
  const { several } = useTenants()
  const [isOpen, setOpen] = useState(false)
  const isAsked = !several || tenant !== null
  const { data, error, refetch } = useWifi(tenant, isAsked)
  const networks = data ?? []
  const chosen = networks.find(({ id }) => id === value)
  return (
    <div>
      <Select
        label={t('setup.wifi')}
        data={[
          ...(needed ? [] : [{ value: NONE, label: t('setup.noWifi') }]),
          ...networks.map(({ id, ssid }) => ({ value: id, label: ssid })),
        ]}
        value={chosen?.id ?? (needed ? null : NONE)}
        onChange={(id) => onChange(id === NONE ? null : id)}
        disabled={!isAsked}
        searchable={networks.length > 6}
      />
      <p className={css.hintRow}>
        <span>
          {chosen === undefined ? '' : t(chosen.hasPassword ? 'setup.wifiSealed' : 'setup.wifiOpen')}
        </span>
        <button type="button" className="link-button" disabled={!isAsked} onClick={() => setOpen(true)}>
          {t(networks.length === 0 ? 'wifi.addOpen' : 'wifi.manage')}
        </button>
      </p>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {isOpen && (
        <WifiDialog
          tenant={tenant}
          networks={networks}
          onAdded={(id) => {
            onChange(id)
            setOpen(false)
          }}
          onRemoved={(id) => {
            if (id === value) onChange(null)
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  )
}
