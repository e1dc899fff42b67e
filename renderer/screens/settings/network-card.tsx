import { Button, SimpleGrid, TagsInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SiteInfo } from '#contract/api/site.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { siteQuery } from '#renderer/api/session.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import {
  formOf,
  type NetworkForm,
  type NetworkProblem,
  networkOf,
  portNames,
  problemsOf,
  sameNetwork,
} from './network-input.ts'
import css from './settings.module.css'

/** Addresses, names and ports; says what counts at once and what from the next start. */
export function NetworkCard({ site }: { site: SiteInfo }) {
  const { t } = useTranslation(['settings', 'common'])
  const may = useMay('site:write')
  const saved = site.networkNext ?? site.network
  const [form, setForm] = useState(() => formOf(saved))
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const problems = problemsOf(form)
  const unchanged = problems.length === 0 && sameNetwork(networkOf(form), saved)
  const save = useMutation({
    mutationFn: () => api.site.updateNetwork(networkOf(form)),
    onSuccess(info) {
      queryClient.setQueryData(siteQuery.queryKey, info)
      void queryClient.invalidateQueries({ queryKey: ['certificates'] })
      setForm(formOf(info.networkNext ?? info.network))
      setLeft(new Set())
    },
  })
  const leave = (field: string) => setLeft((was) => new Set(was).add(field))
  const errorOf = (field: NetworkProblem['field']) => {
    const found = problems.find((problem) => problem.field === field)
    if (found === undefined || !left.has(field)) return null
    if (found.problem === 'invalid')
      return t(`network.problem.${found.field === 'names' ? 'name' : 'address'}`, { value: found.value })
    if (found.problem === 'taken') return t('network.problem.taken', { port: t(`network.port.${found.by}`) })
    return t(`network.problem.${found.problem}`)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(new Set(['addresses', 'names', ...portNames]))
    if (problems.length === 0 && !unchanged) save.mutate()
  }
  const change = (next: Partial<NetworkForm>) => setForm((was) => ({ ...was, ...next }))
  return (
    <Card title={t('network.title')}>
      <form className={css.form} onSubmit={submit} noValidate>
        {site.networkNext !== null && (
          <Note tone="yellow" title={t('network.pendingTitle')}>
            {t('network.pendingText')}
          </Note>
        )}
        <TagsInput
          label={t('network.addresses')}
          description={t('network.addressesHint')}
          value={form.addresses}
          readOnly={!may}
          maxTags={16}
          splitChars={[',', ' ', ';']}
          acceptValueOnBlur
          clearable={false}
          error={errorOf('addresses')}
          onChange={(addresses) => change({ addresses })}
          onBlur={() => leave('addresses')}
        />
        <TagsInput
          label={t('network.names')}
          description={t('network.namesHint')}
          value={form.names}
          readOnly={!may}
          maxTags={16}
          splitChars={[',', ' ', ';']}
          acceptValueOnBlur
          error={errorOf('names')}
          onChange={(names) => change({ names })}
          onBlur={() => leave('names')}
        />
        <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="md">
          {portNames.map((port) => (
            <TextInput
              key={port}
              label={t(`network.port.${port}`)}
              inputMode="numeric"
              value={form.ports[port]}
              readOnly={!may}
              error={errorOf(port)}
              onChange={(event) => change({ ports: { ...form.ports, [port]: event.currentTarget.value } })}
              onBlur={() => leave(port)}
            />
          ))}
        </SimpleGrid>
        <p className="small sub">{t('network.when')}</p>
        {save.error !== null && <ErrorNote error={save.error} />}
        {may && (
          <div className={css.row}>
            <Button type="submit" variant="filled" disabled={unchanged} loading={save.isPending}>
              {t('common:action.save')}
            </Button>
            <span role="status" className="sec">
              {save.isSuccess && unchanged ? t('network.saved') : ''}
            </span>
          </div>
        )}
      </form>
    </Card>
  )
}
