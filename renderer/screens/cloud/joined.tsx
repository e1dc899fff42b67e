import { Button, Tabs } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Page } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './cloud.module.css'
import { ConflictsTab } from './conflicts/index.tsx'
import { CopiedDialog } from './copied-dialog.tsx'
import { Leaving } from './leaving.tsx'
import { OverviewTab } from './overview/index.tsx'
import { RefusedTab } from './refused/index.tsx'
import { SettingsTab } from './settings/index.tsx'
import { LoginDialog } from './settings/login-dialog.tsx'
import { type Remedy, remedyOf, stateMarks } from './state-words.ts'

const tabs = ['overview', 'refused', 'conflicts', 'settings'] as const
type Tab = (typeof tabs)[number]

/** The link of a site that has joined. */
export function Joined({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const isCopied = status.state === 'stopped' && remedyOf(status.problem) === 'decide'
  const [later, setLater] = useState(false)
  const [isLoginOpen, setLoginOpen] = useState(false)
  const tab = tabs.find((name) => name === search['tab']) ?? 'overview'
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  const open = (next: string | null) =>
    change({ tab: next === 'overview' ? undefined : next, letter: undefined, sort: undefined })
  const run = useMutation({
    mutationFn: (what: 'pause' | 'resume') => (what === 'pause' ? api.cloud.pause() : api.cloud.resume()),
  })
  const what = status.state === 'paused' ? 'resume' : 'pause'
  const onRemedy = (remedy: Remedy) => (remedy === 'login' ? setLoginOpen(true) : setLater(false))
  return (
    <Page
      flush
      title={t('title')}
      beside={<Beside status={status} />}
      actions={
        status.state !== 'stopped' && (
          <Button
            variant={what === 'resume' ? 'filled' : 'default'}
            leftSection={<Icon name={what === 'resume' ? 'play' : 'pause'} size={14} />}
            loading={run.isPending}
            onClick={() => run.mutate(what)}
          >
            {t(`action.${what}`)}
          </Button>
        )
      }
    >
      {run.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={run.error} />
        </div>
      )}
      {status.leaving !== null ? (
        <div className={css.tabPanel}>
          <Leaving status={status} deleted={status.leaving} onRemedy={onRemedy} />
        </div>
      ) : (
        <>
          <Tabs value={tab} onChange={open} activateTabWithKeyboard={false}>
            <Tabs.List className={css.tabList ?? ''} aria-label={t('title')}>
              {tabs.map((name) => (
                <Tabs.Tab key={name} value={name} aria-controls="cloud-tab">
                  <TabName name={name} status={status} />
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
          <div id="cloud-tab" role="tabpanel" aria-label={t(`tab.${tab}`)} className={css.tabPanel}>
            {tab === 'overview' && <OverviewTab status={status} onRemedy={onRemedy} />}
            {tab === 'refused' && <RefusedTab status={status} search={search} onSearch={change} />}
            {tab === 'conflicts' && <ConflictsTab status={status} />}
            {tab === 'settings' && <SettingsTab status={status} onLogin={() => setLoginOpen(true)} />}
          </div>
        </>
      )}
      {isLoginOpen && <LoginDialog address={status.address} onClose={() => setLoginOpen(false)} />}
      {isCopied && !later && <CopiedDialog status={status} onClose={() => setLater(true)} />}
    </Page>
  )
}

/** The state in a word and where the cloud is, whichever part is open. */
function Beside({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  return (
    <span className={css.beside}>
      <StateMark mark={stateMarks[status.state]} />
      <span>{t(`state.${status.state}.word`)}</span>
      <span className="sub ellipsis" title={status.address.host}>
        {status.address.host}
      </span>
    </span>
  )
}

function TabName({ name, status }: { name: Tab; status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const count = name === 'refused' ? status.deadLetters : name === 'conflicts' ? status.conflicts : 0
  return (
    <>
      {t(`tab.${name}`)}
      {count > 0 && <span className={css.tabCount}>{format.integer(count)}</span>}
    </>
  )
}
