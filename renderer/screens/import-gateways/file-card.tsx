import { Button, Checkbox, FileInput, Select, SimpleGrid, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useProfiles } from '#renderer/api/use-profiles.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import css from './import-gateways.module.css'
import { fileOf, type ImportChoices } from './import-search.ts'

const NONE = ''

/** The file, or what was pasted, and what holds for all its rows. */
export function FileCard(props: {
  choices: ImportChoices
  isChecking: boolean
  onChoices(choices: ImportChoices): void
  onChanged(): void
  onCheck(file: File): void
}) {
  const { t } = useTranslation('import-gateways')
  const { choices, onChoices, onChanged } = props
  const mayMakeGroups = useMay('tenants:write')
  const [file, setFile] = useState<File | null>(null)
  const [pasted, setPasted] = useState('')
  // The same text stays the same file, so that it travels once.
  const [made, setMade] = useState<{ text: string; file: File | null }>({ text: '', file: null })
  const { tenants, several } = useTenants()
  const tenantId = choices.tenant ?? (several ? null : (tenants[0]?.id ?? null))
  const groups = (useGroups().list ?? []).filter((group) => group.tenantId === tenantId)
  const profiles = (useProfiles().data ?? []).filter(({ tenant }) => tenant.id === tenantId)
  const isMissingTenant = several && choices.tenant === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const chosen = file ?? (made.text === pasted ? made.file : null) ?? fileOf(null, pasted)
    if (chosen === null || isMissingTenant) return
    if (file === null) setMade({ text: pasted, file: chosen })
    props.onCheck(chosen)
  }
  return (
    <Card title={t('file.title')}>
      <form onSubmit={submit} noValidate className={css.form}>
        <p className="sec">{t('file.text')}</p>
        <code className={css.sample}>mac_address,code,name,group,profile</code>
        <FileInput
          label={t('file.file')}
          placeholder={t('file.choose')}
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          clearable
          value={file}
          onChange={(chosen) => {
            setFile(chosen)
            onChanged()
          }}
        />
        {file === null && (
          <Textarea
            label={t('file.paste')}
            classNames={{ input: css.paste ?? '' }}
            autosize
            minRows={3}
            maxRows={10}
            spellCheck={false}
            value={pasted}
            onChange={(event) => {
              setPasted(event.currentTarget.value)
              onChanged()
            }}
          />
        )}
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {several && (
            <Select
              label={t('option.tenant')}
              data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
              value={choices.tenant}
              onChange={(tenant) => onChoices({ ...choices, tenant, group: null, profile: null })}
            />
          )}
          {groups.length > 0 && (
            <GroupSelect
              label={t('option.group')}
              groups={groups}
              value={choices.group}
              none={t('option.noGroup')}
              onChange={(group) => onChoices({ ...choices, group })}
            />
          )}
          {profiles.length > 0 && (
            <Select
              label={t('option.profile')}
              data={[
                { value: NONE, label: t('option.noProfile') },
                ...profiles.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              value={choices.profile ?? NONE}
              allowDeselect={false}
              onChange={(profile) => onChoices({ ...choices, profile: profile === NONE ? null : profile })}
            />
          )}
        </SimpleGrid>
        {mayMakeGroups && (
          <Checkbox
            label={t('option.createGroups')}
            checked={choices.createGroups}
            onChange={(event) => onChoices({ ...choices, createGroups: event.currentTarget.checked })}
          />
        )}
        <div>
          <Button
            type="submit"
            loading={props.isChecking}
            disabled={(file === null && pasted.trim() === '') || isMissingTenant}
          >
            {t('check')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
