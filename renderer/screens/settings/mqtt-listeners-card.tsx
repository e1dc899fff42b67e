import { Button, Switch, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttListeners, MqttListenersState } from '#contract/api/mqtt-clients.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { Card, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { DEFAULT_PASSWORD_PORT, DEFAULT_WEBSOCKET_PORT } from '../mqtt-clients/client-form.ts'
import { listenersChanged, listenersQuery } from '../mqtt-clients/use-mqtt-clients.ts'
import css from './settings.module.css'

const names = ['passwordMqtts', 'websocket'] as const
type Name = (typeof names)[number]
const defaults: Record<Name, number> = {
  passwordMqtts: DEFAULT_PASSWORD_PORT,
  websocket: DEFAULT_WEBSOCKET_PORT,
}

/** The MQTT listeners that are off until a person turns them on: what each is for, and its port. */
export function MqttListenersCard() {
  const { t } = useTranslation('mqtt-clients')
  const { data, error, refetch } = useQuery(listenersQuery)
  return (
    <Card title={t('listeners.title')}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton />
      ) : (
        <ListenersForm key={JSON.stringify(data)} state={data} />
      )}
    </Card>
  )
}

type Form = Record<Name, { on: boolean; port: string }>

function ListenersForm({ state }: { state: MqttListenersState }) {
  const { t } = useTranslation(['mqtt-clients', 'common'])
  const { wanted, open, fixed } = state
  const saved: MqttListeners = {
    passwordMqtts: shownOf(state, 'passwordMqtts'),
    websocket: shownOf(state, 'websocket'),
  }
  const [form, setForm] = useState<Form>(() => ({
    passwordMqtts: fieldOf(saved, 'passwordMqtts'),
    websocket: fieldOf(saved, 'websocket'),
  }))
  const asked: MqttListeners = {
    passwordMqtts: portOf(form.passwordMqtts),
    websocket: portOf(form.websocket),
  }
  const invalid = names.filter((name) => form[name].on && !isPort(form[name].port))
  const same = asked.passwordMqtts !== null && asked.passwordMqtts === asked.websocket
  const unchanged = names.every((name) => asked[name] === saved[name])
  const failed = names.filter((name) => wanted[name] !== null && open[name] === null)
  const save = useMutation({
    mutationFn: () => api.mqttClients.updateListeners(asked),
    async onSuccess(next) {
      queryClient.setQueryData(listenersQuery.queryKey, next)
      await listenersChanged()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (invalid.length === 0 && !same && (!unchanged || failed.length > 0)) save.mutate()
  }
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <p className="sec">{t('listeners.text')}</p>
      {failed.length > 0 && (
        <Note
          tone="orange"
          title={t('listeners.failed', { ports: failed.map((name) => wanted[name]).join(', ') })}
        >
          {t('listeners.failedText')}
        </Note>
      )}
      {names.map((name) => {
        const isFixed = fixed.includes(name)
        const { on, port } = form[name]
        const change = (part: Partial<Form[Name]>) =>
          setForm((was) => ({ ...was, [name]: { ...was[name], ...part } }))
        return (
          <div key={name}>
            <Switch
              label={t(`listeners.${name}`)}
              description={isFixed ? t('listeners.fixed') : t(`listeners.${name}Hint`)}
              checked={on}
              disabled={isFixed}
              onChange={(event) => change({ on: event.currentTarget.checked })}
            />
            {on && (
              <TextInput
                mt="xs"
                w={120}
                label={t(`listeners.${name}Port`)}
                inputMode="numeric"
                value={port}
                disabled={isFixed}
                error={
                  invalid.includes(name)
                    ? t('listeners.range')
                    : same && name === 'websocket'
                      ? t('listeners.same')
                      : null
                }
                onChange={(event) => change({ port: event.currentTarget.value })}
              />
            )}
          </div>
        )
      })}
      {save.error !== null && <ErrorNote error={save.error} />}
      <div className={css.row}>
        <Button
          type="submit"
          variant="filled"
          disabled={invalid.length > 0 || same || (unchanged && failed.length === 0)}
          loading={save.isPending}
        >
          {t(unchanged && failed.length > 0 ? 'common:action.retry' : 'common:action.save')}
        </Button>
      </div>
    </form>
  )
}

/** The port, or the one that was found where any was asked for. */
function shownOf({ wanted, open }: MqttListenersState, name: Name): number | null {
  return wanted[name] === 0 ? (open[name] ?? 0) : wanted[name]
}

function fieldOf(listeners: MqttListeners, name: Name): Form[Name] {
  const port = listeners[name]
  return { on: port !== null, port: String(port ?? defaults[name]) }
}

function portOf({ on, port }: Form[Name]): number | null {
  return on ? Number(port) : null
}

function isPort(text: string): boolean {
  const port = Number(text)
  return /^\d{1,5}$/.test(text.trim()) && port >= 1 && port <= 65_535
}
