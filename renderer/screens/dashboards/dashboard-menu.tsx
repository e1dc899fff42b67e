import { ActionIcon, Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ViewSummary } from '#contract/api/views.ts'
import { api } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { DeleteDialog, FailureDialog, RenameDialog } from './dashboard-dialogs.tsx'
import { copyDashboard, type SavedDashboard, updateDashboard } from './use-dashboards.ts'

/** What can be done with a dashboard as a whole. */
export function DashboardMenu(props: {
  summary: ViewSummary
  /** What is on the screen, where it is. */
  shown?: { onPrint(): void; onImage(): void }
  onDeleted?(): void
}) {
  const { summary } = props
  const { t } = useTranslation('dashboards')
  const navigate = useNavigate()
  const mayShare = useMay('dashboards:write')
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null)
  const share = useMutation({
    mutationFn: () => updateDashboard(summary.id, { version: summary.version, shared: !summary.shared }),
  })
  const copy = useMutation({
    mutationFn: async () => {
      const view = await api.views.get({ viewId: summary.id })
      return copyDashboard(view as SavedDashboard, (count) =>
        count === 1 ? t('copyName', { name: summary.name }) : t('copyNameNth', { name: summary.name, count }),
      )
    },
    onSuccess: ({ id }) =>
      void navigate({ to: '/dashboards/$dashboardId', params: { dashboardId: id } } as never),
  })
  const failed = share.error ?? copy.error
  return (
    <>
      <Menu width={220}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={
              props.shown === undefined ? t('menu.labelOf', { name: summary.name }) : t('menu.label')
            }
          >
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {props.shown !== undefined && (
            <>
              <Menu.Item leftSection={<Icon name="print" />} onClick={props.shown.onPrint}>
                {t('menu.print')}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="download" />} onClick={props.shown.onImage}>
                {t('menu.image')}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          <Menu.Item leftSection={<Icon name="copy" />} onClick={() => copy.mutate()}>
            {t('menu.copy')}
          </Menu.Item>
          {summary.writable && (
            <Menu.Item leftSection={<Icon name="edit" />} onClick={() => setDialog('rename')}>
              {t('menu.rename')}
            </Menu.Item>
          )}
          {summary.writable && mayShare && (
            <Menu.Item leftSection={<Icon name="eye" />} onClick={() => share.mutate()}>
              {summary.shared ? t('menu.unshare') : t('menu.share')}
            </Menu.Item>
          )}
          {summary.writable && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<Icon name="trash" />} color="red" onClick={() => setDialog('delete')}>
                {t('menu.delete')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'rename' && <RenameDialog summary={summary} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && (
        <DeleteDialog
          summary={summary}
          onClose={() => setDialog(null)}
          onDeleted={() => {
            setDialog(null)
            props.onDeleted?.()
          }}
        />
      )}
      {failed !== null && (
        <FailureDialog
          error={failed}
          onClose={() => {
            share.reset()
            copy.reset()
          }}
        />
      )}
    </>
  )
}
