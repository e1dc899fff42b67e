import { Button, Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '#contract/api/firmware.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Page } from '#renderer/ui/layout.tsx'
import { BundlesTab } from './bundles-tab.tsx'
import { DropArea } from './drop-area.tsx'
import type { GivenFile } from './dropped-files.ts'
import css from './firmware.module.css'
import { ImportDialog } from './import-dialog.tsx'
import { PublisherDialog } from './publisher-dialog.tsx'
import { PublishersTab } from './publishers-tab.tsx'
import { RemoveBundleDialog } from './remove-dialogs.tsx'

const tabs = ['bundles', 'publishers'] as const

/** What is open over the screen. */
type Open =
  | { kind: 'import'; files: readonly GivenFile[] }
  | { kind: 'publisher'; publicKey: string }
  | { kind: 'remove'; bundle: FirmwareBundle }

/** Firmware that boards are flashed with, and whose signature on it counts. */
export function FirmwareScreen() {
  const { t } = useTranslation('firmware')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const me = useMe()
  // Bundles are the whole tenant's.
  const mayAdd = useMay('firmware:write') && (me?.reach === 'site' || me?.reach === 'tenant')
  // Those of the site are changed by whoever acts for all of it.
  const mayWrite = ({ tenant }: { tenant: unknown }) => mayAdd && (tenant !== null || me?.reach === 'site')
  const [open, setOpen] = useState<Open | null>(null)
  const tab = search['tab'] === 'publishers' ? 'publishers' : 'bundles'
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  const close = () => setOpen(null)
  const trust = (publicKey: string) => setOpen({ kind: 'publisher', publicKey })
  const add = mayAdd && (
    <Button
      variant="filled"
      leftSection={<Icon name="plus" />}
      onClick={() => (tab === 'bundles' ? setOpen({ kind: 'import', files: [] }) : trust(''))}
    >
      {t(tab === 'bundles' ? 'import.open' : 'publisher.add')}
    </Button>
  )
  return (
    <Page flush title={t('title')} actions={add}>
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next === 'publishers' ? next : undefined })}
        activateTabWithKeyboard={false}
      >
        <Tabs.List className={css.tabList ?? ''} aria-label={t('title')}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name} aria-controls="firmware-tab">
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <DropArea
        id="firmware-tab"
        label={t(`tab.${tab}`)}
        onDrop={mayAdd && tab === 'bundles' ? (files) => setOpen({ kind: 'import', files }) : null}
      >
        {tab === 'publishers' ? (
          <PublishersTab mayWrite={mayWrite} add={add} />
        ) : (
          <BundlesTab
            search={search}
            mayWrite={mayWrite}
            add={add}
            onSearch={change}
            onRemove={(bundle) => setOpen({ kind: 'remove', bundle })}
            onTrust={trust}
          />
        )}
      </DropArea>
      {open?.kind === 'import' && (
        <ImportDialog
          files={open.files}
          onDone={({ id }) => {
            change({ bundle: id })
            close()
          }}
          onClose={close}
        />
      )}
      {open?.kind === 'publisher' && <PublisherDialog publicKey={open.publicKey} onClose={close} />}
      {open?.kind === 'remove' && (
        <RemoveBundleDialog
          bundle={open.bundle}
          onDone={() => {
            change({ bundle: undefined })
            close()
          }}
          onClose={close}
        />
      )}
    </Page>
  )
}
