import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { MqttAddresses } from '#contract/api/mqtt-clients.ts'
import { api } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { DEFAULT_PASSWORD_PORT } from './client-form.ts'
import { listenersChanged } from './use-mqtt-clients.ts'

/** Passwords open nothing while their listener is off: says so, with a button for those who may turn it on. */
export function ListenerNote({ addresses }: { addresses: MqttAddresses }) {
  const { t } = useTranslation('mqtt-clients')
  const may = useMay('site:write')
  const open = useMutation({
    async mutationFn() {
      const { wanted } = await api.mqttClients.listeners()
      await api.mqttClients.updateListeners({
        ...wanted,
        passwordMqtts: wanted.passwordMqtts ?? DEFAULT_PASSWORD_PORT,
      })
    },
    onSuccess: listenersChanged,
  })
  if (addresses.passwordMqtts !== null || addresses.websocket !== null) return null
  return (
    <>
      <Note
        tone="yellow"
        title={t('off.title')}
        action={
          may ? (
            <button
              type="button"
              className="link-button"
              disabled={open.isPending}
              onClick={() => open.mutate()}
            >
              {t('off.open', { port: DEFAULT_PASSWORD_PORT })}
            </button>
          ) : undefined
        }
      >
        {t(may ? 'off.text' : 'off.ask')}
      </Note>
      {open.error !== null && <ErrorNote error={open.error} />}
    </>
  )
}
