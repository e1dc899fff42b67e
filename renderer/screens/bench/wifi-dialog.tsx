import { ActionIcon, Button, Modal, PasswordInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { WifiNetwork } from '#contract/api/bench.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from './bench.module.css'
import { wifiChanged } from './use-setup.ts'

/** Bytes of a network's name, IEEE 802.11 9.4.2.2. */
const SSID_MOST = 32
/** A passphrase, IEEE 802.11 J.4; or the key itself as 64 hex digits. */
const isPassword = (text: string) =>
  text === '' || /^[\x20-\x7e]{8,63}$/.test(text) || /^[0-9a-f]{64}$/i.test(text)
const isSsid = (text: string) => text !== '' && new TextEncoder().encode(text).length <= SSID_MOST

/** Adds and removes the Wi-Fi networks of a tenant. A password goes in and never comes out. */
export function WifiDialog(props: {
  tenant: string | null
  networks: readonly WifiNetwork[]
  onAdded(id: string): void
  onRemoved(id: string): void
  onClose(): void
}) {
  const { t } = useTranslation(['bench', 'common'])
  useFocusBack()
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('wifi.title')}
      size={480}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <div className={css.dialog}>
        {props.networks.length > 0 && (
          <ul className={css.networks}>
            {props.networks.map((network) => (
              <Network key={network.id} network={network} onRemoved={props.onRemoved} />
            ))}
          </ul>
        )}
        <AddForm tenant={props.tenant} onAdded={props.onAdded} onClose={props.onClose} />
      </div>
    </Modal>
  )
}

function Network({ network, onRemoved }: { network: WifiNetwork; onRemoved(id: string): void }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => api.bench.removeWifi({ wifiId: network.id }),
    onSuccess: () => {
      onRemoved(network.id)
      void wifiChanged()
    },
  })
  return (
    <li>
      <span className={css.network}>
        <span className="strong ellipsis">{network.ssid}</span>
        <span className="sub small">
          {t(network.hasPassword ? 'wifi.sealed' : 'wifi.open')},{' '}
          {t('wifi.added', { name: network.createdBy, date: format.date(network.createdAt) })}
        </span>
      </span>
      {asking ? (
        <Button
          size="xs"
          color="red"
          variant="filled"
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        >
          {t('wifi.removeSure')}
        </Button>
      ) : (
        <ActionIcon
          size="xs"
          aria-label={t('wifi.remove', { ssid: network.ssid })}
          onClick={() => setAsking(true)}
        >
          <Icon name="trash" size={14} />
        </ActionIcon>
      )}
      {remove.error !== null && <ErrorNote error={remove.error} />}
    </li>
  )
}

function AddForm(props: { tenant: string | null; onAdded(id: string): void; onClose(): void }) {
  const { t } = useTranslation(['bench', 'common'])
  const [ssid, setSsid] = useState('')
  const [password, setPassword] = useState('')
  const [left, setLeft] = useState({ ssid: false, password: false })
  const add = useMutation({
    mutationFn: () =>
      api.bench.addWifi({ ssid, password, ...(props.tenant !== null && { tenant: props.tenant }) }),
    onSuccess: async ({ id }) => {
      await wifiChanged()
      props.onAdded(id)
    },
  })
  const submit = (event: FormEvent) => {
    // The dialog stands inside the form of the set-up: this is not its Enter.
    event.preventDefault()
    event.stopPropagation()
    setLeft({ ssid: true, password: true })
    if (isSsid(ssid) && isPassword(password) && !add.isPending) add.mutate()
  }
  return (
    <form className={css.dialog} noValidate onSubmit={submit}>
      <TextInput
        label={t('wifi.ssid')}
        value={ssid}
        maxLength={SSID_MOST}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        onChange={(event) => setSsid(event.currentTarget.value)}
        onBlur={() => setLeft((before) => ({ ...before, ssid: ssid !== '' }))}
        error={left.ssid && !isSsid(ssid) ? t('wifi.ssidFault') : null}
      />
      <PasswordInput
        label={t('wifi.password')}
        description={t('wifi.passwordHint')}
        value={password}
        maxLength={64}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('wifi.show') }}
        onChange={(event) => setPassword(event.currentTarget.value)}
        onBlur={() => setLeft((before) => ({ ...before, password: true }))}
        error={left.password && !isPassword(password) ? t('wifi.passwordFault') : null}
      />
      {add.error !== null && <ErrorNote error={add.error} />}
      <div className={css.dialogFoot}>
        <Button onClick={props.onClose}>{t('common:action.close')}</Button>
        <Button type="submit" variant="filled" loading={add.isPending}>
          {t('wifi.add')}
        </Button>
      </div>
    </form>
  )
}
