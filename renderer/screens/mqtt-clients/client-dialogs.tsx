import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { MqttClient, MqttCredentials } from '#contract/api/mqtt-clients.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { mqttClientsChanged } from './use-mqtt-clients.ts'

export type ConfirmAction = 'password' | 'certificate' | 'suspend' | 'resume' | 'delete'

interface Given {
  client: MqttClient
  credentials: MqttCredentials
}

const acts: Record<ConfirmAction, (client: string) => Promise<Given | null>> = {
  password: (client) => api.mqttClients.rotate({ client, credentials: 'password' }),
  certificate: (client) => api.mqttClients.rotate({ client, credentials: 'certificate' }),
  suspend: (client) => api.mqttClients.suspend({ client }).then(() => null),
  resume: (client) => api.mqttClients.resume({ client }).then(() => null),
  delete: (client) => api.mqttClients.delete({ client }).then(() => null),
}

/** Says what follows, then does it. */
export function ConfirmDialog({
  action,
  client,
  onGiven,
  onClose,
}: {
  action: ConfirmAction
  client: MqttClient
  onGiven(given: Given): void
  onClose(): void
}) {
  const { t } = useTranslation('mqtt-clients')
  const act = useMutation({
    mutationFn: () => acts[action](client.id),
    async onSuccess(given) {
      await mqttClientsChanged()
      if (given === null) onClose()
      else onGiven(given)
    },
  })
  return (
    <DialogForm
      title={t(`confirm.${action}.title`, { name: client.name })}
      button={t(`confirm.${action}.button`)}
      danger={action === 'delete' || action === 'suspend'}
      pending={act.isPending}
      error={act.error}
      onSubmit={() => act.mutate()}
      onClose={onClose}
    >
      <p>{t(`confirm.${action}.text`)}</p>
    </DialogForm>
  )
}
