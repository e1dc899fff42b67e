import { Autocomplete, Button, Select, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { gatewayChanged } from '../use-gateway.ts'
import { type CommandForm, lives, nameProblem, readArgs, suggestedCommands } from './command-form.ts'
import css from './commands.module.css'

/** Name, arguments and how long it may wait. */
export function SendCard({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('commands')
  const format = useFormat()
  const [form, setForm] = useState<CommandForm>({ name: '', args: '', expiresIn: 300 })
  const [tried, setTried] = useState(false)
  const read = readArgs(form.args)
  const wrongName = nameProblem(form)
  const wrongArgs = 'problem' in read ? read.problem : null
  const send = useMutation({
    mutationFn: () =>
      api.commands.send({
        gateway: gateway.id,
        name: form.name.trim(),
        args: 'args' in read ? read.args : {},
        expiresIn: form.expiresIn,
      }),
    onSuccess() {
      setForm({ ...form, name: '', args: '' })
      setTried(false)
      gatewayChanged(gateway.id)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (wrongName === null && wrongArgs === null) send.mutate()
  }
  return (
    <Card title={t('send.title')}>
      <form onSubmit={submit} noValidate className={css.form}>
        <Autocomplete
          label={t('send.name')}
          description={t('send.nameHint')}
          data={[...suggestedCommands]}
          value={form.name}
          error={tried && wrongName !== null ? t(`problem.${wrongName}`) : null}
          onChange={(name) => setForm({ ...form, name })}
          maxLength={64}
        />
        <Textarea
          label={t('send.args')}
          description={t('send.argsHint')}
          classNames={{ input: css.args ?? '' }}
          autosize
          minRows={2}
          maxRows={12}
          spellCheck={false}
          placeholder="{}"
          value={form.args}
          error={wrongArgs !== null && (tried || form.args.length > 1) ? t(`problem.${wrongArgs}`) : null}
          onChange={(event) => setForm({ ...form, args: event.currentTarget.value })}
        />
        <Select
          label={t('send.life')}
          description={t('send.lifeHint')}
          allowDeselect={false}
          data={lives.map((life) => ({ value: String(life), label: format.span(life * 1_000) }))}
          value={String(form.expiresIn)}
          onChange={(life) => life !== null && setForm({ ...form, expiresIn: Number(life) })}
        />
        {send.error !== null && <ErrorNote error={send.error} />}
        <div>
          <Button type="submit" variant="filled" loading={send.isPending}>
            {t('send.send')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
