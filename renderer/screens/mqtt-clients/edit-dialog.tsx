import { Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import type { MqttClient } from '#contract/api/mqtt-clients.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { NameField, ReachField, RightsField, TopicsField } from './client-fields.tsx'
import { type ClientForm, changesOf, formOf, problemsOf, reachesWhole, rightsFor } from './client-form.ts'
import { mqttClientsChanged } from './use-mqtt-clients.ts'

/** What counts at once, for live sessions too. Rights and reach of personal credentials follow the person. */
export function EditDialog({ me, client, onClose }: { me: Me; client: MqttClient; onClose(): void }) {
  const { t } = useTranslation(['mqtt-clients', 'common'])
  const [form, setForm] = useState<ClientForm>(() => formOf(client))
  const [tried, setTried] = useState(false)
  const change = (part: Partial<ClientForm>) => setForm((was) => ({ ...was, ...part }))
  const isOwned = client.owner !== null
  const whole = isOwned || reachesWhole(me)
  const problems = problemsOf({ ...form, username: '' }, { whole })
  const changes = changesOf(client, form)
  const save = useMutation({
    mutationFn: () => api.mqttClients.update({ client: client.id, ...changes }),
    async onSuccess() {
      await mqttClientsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('edit.title', { name: client.name })}
      button={t('common:action.save')}
      pending={save.isPending}
      error={save.error}
      size={560}
      disabled={Object.keys(changes).length === 0}
      onSubmit={() => {
        setTried(true)
        if (problems.length === 0) save.mutate()
      }}
      onClose={onClose}
    >
      <Stack gap="md">
        <NameField
          form={form}
          error={tried && problems.includes('name') ? t('problem.name') : null}
          onChange={change}
        />
        {isOwned ? (
          <p className="sec">{t('edit.personal', { name: client.owner?.name ?? '' })}</p>
        ) : (
          <>
            <ReachField
              form={form}
              whole={whole}
              fixedTenant
              errors={{
                tenant: null,
                group: tried && problems.includes('group') ? t('problem.group') : null,
              }}
              onChange={change}
            />
            <RightsField form={form} offered={rightsFor(me)} onChange={change} />
          </>
        )}
        <TopicsField
          form={form}
          error={tried && problems.includes('topics') ? t('problem.topics') : null}
          onChange={change}
        />
      </Stack>
    </DialogForm>
  )
}
