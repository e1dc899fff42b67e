import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, queryClient } from '#renderer/api/client.ts'
import { readError } from '#renderer/api/read-error.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { Card, KeyValues, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { Secret } from '#renderer/ui/secret.tsx'
import css from './account.module.css'

/** One's own MQTT credentials: for a phone or a dashboard that sees what the person sees. */
export function MqttCard() {
  const { t } = useTranslation('account')
  const me = useMe()
  // They belong to a tenant: who looks at several chooses one first.
  const inTenant = me !== undefined && (me.reach !== 'site' || me.tenants.length === 1)
  const query = {
    queryKey: ['account', 'mqtt', me?.tenantId],
    enabled: inTenant,
    queryFn: () =>
      api.mqttClients.own().catch((error: unknown) => {
        if (readError(error).code === 'not_found') return null
        throw error
      }),
  }
  const { data: own, error } = useQuery(query)
  const [password, setPassword] = useState<string | null>(null)
  const renew = useMutation({
    mutationFn: () => api.mqttClients.rotateOwn(),
    onSuccess: ({ mqttPassword }) => {
      setPassword(mqttPassword)
      return queryClient.invalidateQueries({ queryKey: query.queryKey })
    },
  })
  return (
    <Card title={t('mqtt.title')}>
      <p className="sec">{t(inTenant ? 'mqtt.text' : 'mqtt.chooseTenant')}</p>
      {error !== null && <ErrorNote error={error} />}
      {inTenant && own === undefined && error === null && <Skeleton height={48} />}
      {own && (
        <KeyValues
          pairs={[
            [t('mqtt.user'), <code key="user">{own.mqttUser}</code>],
            [t('mqtt.prefix'), <code key="prefix">{`${own.topicPrefix}/…`}</code>],
            [
              t('mqtt.address'),
              own.brokerUrl === null ? t('mqtt.off') : <code key="url">{own.brokerUrl}</code>,
            ],
          ]}
        />
      )}
      {password !== null && (
        <Secret value={password} fileName={`${own?.mqttUser ?? 'mqtt'}.txt`} label={t('mqtt.password')} />
      )}
      <div className={`${css.foot} ${css.row}`}>
        {renew.error !== null && <ErrorNote error={renew.error} />}
        <Button disabled={!inTenant} loading={renew.isPending} onClick={() => renew.mutate()}>
          {t(own ? 'mqtt.renew' : 'mqtt.make')}
        </Button>
      </div>
    </Card>
  )
}
