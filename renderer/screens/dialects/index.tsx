import { Button, Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DialectInfo } from '#contract/api/dialects.ts'
import { api } from '#renderer/api/client.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Page, Pill, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { checked, copyOf, type Draft, newDefinition } from './dialect-draft.ts'
import { DialectEditor } from './dialect-editor.tsx'
import css from './dialects.module.css'
import { TrialPane } from './trial-pane.tsx'
import { dialectsChanged, useDialects } from './use-dialects.ts'

/** Topic layouts and payloads that gateways speak: the built-in ones to read, own ones to make, change and try. */
export function DialectsScreen() {
  const { t } = useTranslation('dialects')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useDialects()
  const me = useMe()
  const mayWrite = useMay('site:write') && me?.reach === 'site'
  /** What was changed and not saved yet; null: the chosen one as it is. */
  const [draft, setDraft] = useState<Draft | null>(null)
  const [removing, setRemoving] = useState<DialectInfo | null>(null)
  const dialects = query.data?.dialects ?? []
  const chosen = dialects.find(({ definition }) => definition.name === search['dialect']) ?? dialects[0]
  const choose = (name: string) => {
    setDraft(null)
    void navigate({ to: '.', search: { dialect: name } as never, replace: true, resetScroll: false })
  }
  const taken = dialects.map(({ definition }) => definition.name)
  const isNew = draft !== null && draft.version === null
  const shown = draft ?? (chosen && { definition: chosen.definition, version: chosen.version })
  const definition = shown?.definition
  const tried = useMemo(() => (definition ? checked(definition).definition : null), [definition])
  return (
    <Page
      title={t('title')}
      actions={
        mayWrite && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <Button variant="filled" leftSection={<Icon name="plus" />} disabled={query.data === undefined}>
                {t('create')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setDraft({ definition: newDefinition, version: null })}>
                {t('fromNothing')}
              </Menu.Item>
              {chosen !== undefined && (
                <Menu.Item onClick={() => setDraft(copyOf(chosen.definition, taken))}>
                  {t('fromCopy', { name: chosen.definition.name })}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )
      }
    >
      {query.error !== null && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.data === undefined || chosen === undefined || shown === undefined ? (
        query.error === null && <Skeleton height={480} />
      ) : (
        <>
          <DialectList dialects={dialects} chosen={isNew ? null : chosen.definition.name} onChoose={choose} />
          <div className={css.head}>
            <h2>{isNew ? t('new') : chosen.definition.title}</h2>
            {!isNew && <Pill>{t(chosen.builtIn ? 'builtIn' : 'own')}</Pill>}
            {!isNew && (
              <span className="sub">
                {t('uses', { gateways: chosen.gateways, profiles: chosen.profiles })}
              </span>
            )}
            {draft !== null && <Button onClick={() => setDraft(null)}>{t('discard')}</Button>}
            {mayWrite && !chosen.builtIn && draft === null && (
              <Button color="red" onClick={() => setRemoving(chosen)}>
                {t('remove.open')}
              </Button>
            )}
          </div>
          <div className={css.columns}>
            <DialectEditor
              key={isNew ? 'new' : chosen.definition.name}
              draft={shown}
              readOnly={!mayWrite || (chosen.builtIn && !isNew)}
              others={dialects.map(({ definition }) => definition)}
              onChange={setDraft}
              onSaved={choose}
            />
            <TrialPane definition={tried} />
          </div>
        </>
      )}
      {removing !== null && (
        <RemoveDialog
          dialect={removing}
          onRemoved={() => {
            setRemoving(null)
            choose('canonical')
          }}
          onClose={() => setRemoving(null)}
        />
      )}
    </Page>
  )
}

function DialectList(props: {
  dialects: readonly DialectInfo[]
  chosen: string | null
  onChoose(name: string): void
}) {
  const { t } = useTranslation('dialects')
  return (
    <nav aria-label={t('title')}>
      <ul className={css.list}>
        {props.dialects.map(({ definition: { name, title }, builtIn }) => (
          <li key={name}>
            <button
              type="button"
              className={css.entry}
              aria-current={name === props.chosen ? 'true' : undefined}
              title={title}
              onClick={() => props.onChoose(name)}
            >
              <code>{name}</code>
              {!builtIn && <span className="sub">{t('own')}</span>}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function RemoveDialog(props: { dialect: DialectInfo; onRemoved(): void; onClose(): void }) {
  const { t } = useTranslation('dialects')
  const { name } = props.dialect.definition
  const remove = useMutation({
    mutationFn: () => api.dialects.remove({ name }),
    async onSuccess() {
      await dialectsChanged()
      props.onRemoved()
    },
  })
  return (
    <DialogForm
      title={t('remove.title', { name })}
      button={t('remove.button')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={props.onClose}
    >
      <p>{t('remove.text')}</p>
    </DialogForm>
  )
}
