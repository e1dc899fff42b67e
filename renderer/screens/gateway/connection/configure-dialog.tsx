import { Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayConnection } from '#contract/api/gateway-connection.ts'
import { type AliasKind, aliasKinds, type Gateway } from '#contract/model/gateway.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { useProfiles } from '#renderer/api/use-profiles.ts'
import { DialogForm } from '#renderer/screens/tenants/dialog-form.tsx'
import { connectionChanged, connectionQuery } from '#renderer/ui/connection/connection-query.ts'
import { DialectSelect } from '#renderer/ui/dialect-select.tsx'
import { changesOf, formOf, isAliasProblem } from './configure-form.ts'

const NONE = ''

/** Profile, dialect and other names of one gateway. */
export function ConfigureDialog(props: { gateway: Gateway; connection: GatewayConnection; onClose(): void }) {
  const { t } = useTranslation(['connection', 'common'])
  const { gateway, connection, onClose } = props
  const [before] = useState(() => formOf(connection))
  const [form, setForm] = useState(before)
  const [left, setLeft] = useState<ReadonlySet<AliasKind>>(new Set())
  const profiles = (useProfiles().data ?? []).filter(({ tenant }) => tenant.id === gateway.tenant.id)
  const chosen = profiles.find(({ id }) => id === form.profile)
  const changes = changesOf(before, form)
  const problems = aliasKinds.filter((kind) => isAliasProblem(form.aliases[kind]))
  const save = useMutation({
    mutationFn: () => api.gateways.configure({ gateway: gateway.id, ...changes }),
    onSuccess(next) {
      queryClient.setQueryData(connectionQuery(gateway.id).queryKey, next)
      connectionChanged(gateway.id)
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('configure.title', { code: gateway.code })}
      button={t('common:action.save')}
      disabled={changes === null || problems.length > 0}
      pending={save.isPending}
      error={save.error}
      size={560}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Select
        label={t('profile')}
        description={profiles.length === 0 ? t('configure.noProfiles') : undefined}
        data={[
          { value: NONE, label: t('noProfile') },
          ...profiles.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={form.profile ?? NONE}
        onChange={(value) => setForm({ ...form, profile: value === null || value === NONE ? null : value })}
        allowDeselect={false}
        searchable={profiles.length > 6}
      />
      <DialectSelect
        label={t('dialect')}
        description={t('configure.dialectHint')}
        value={form.dialect}
        ofProfile={chosen === undefined ? undefined : t('configure.asProfile', { dialect: chosen.dialect })}
        onChange={(dialect) => setForm({ ...form, dialect })}
      />
      <fieldset style={{ display: 'contents' }}>
        <legend className="sec small">{t('configure.names')}</legend>
        {aliasKinds.map((kind) => (
          <TextInput
            key={kind}
            label={t(`alias.${kind}.label`)}
            description={t(`alias.${kind}.hint`)}
            value={form.aliases[kind]}
            error={left.has(kind) && problems.includes(kind) ? t('configure.nameInvalid') : null}
            onChange={(event) =>
              setForm({ ...form, aliases: { ...form.aliases, [kind]: event.currentTarget.value } })
            }
            onBlur={() => setLeft(new Set(left).add(kind))}
            classNames={{ input: 'mono' }}
            autoComplete="off"
            spellCheck={false}
          />
        ))}
      </fieldset>
      <p className="sec small">{t('configure.sessions')}</p>
    </DialogForm>
  )
}
