import { Button, Menu } from '@mantine/core'
import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ViewSummary } from '#contract/api/views.ts'
import { readError } from '#renderer/api/client.ts'
import { useMay, useSite } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { isSameTrend } from './trend-address.ts'
import css from './trends.module.css'
import type { TrendInAddress } from './use-trend.ts'
import type { TrendChannel } from './use-trend-channels.ts'
import { fetchTrendView, useTrendView, useTrendViews, useViewActions } from './use-views.ts'
import { DeleteView, NameView, ViewConflict } from './view-dialogs.tsx'

type Dialog = 'saveAs' | 'rename' | 'delete' | 'conflict' | null

/** Saved views: open, save, save as, rename, share, delete. */
export const ViewMenu = memo(function ViewMenu({
  trend,
  channels,
}: {
  trend: TrendInAddress
  channels: readonly TrendChannel[]
}) {
  const { t } = useTranslation(['trends', 'common'])
  const { views, ready, error: listError } = useTrendViews()
  const listed = views.find(({ id }) => id === trend.viewId)
  const view = useTrendView(trend.viewId, listed, ready)
  const actions = useViewActions()
  const mayShare = useMay('dashboards:write')
  const several = (useSite()?.tenants.length ?? 0) > 1
  const [dialog, setDialog] = useState<Dialog>(null)
  const [error, setError] = useState<unknown>(null)
  const isChanged = view !== undefined && view !== null && !isSameTrend(view.content, trend.settings)

  const run = async (work: () => Promise<unknown>) => {
    setError(null)
    try {
      await work()
    } catch (reason) {
      if (readError(reason).code === 'view_changed') setDialog('conflict')
      else setError(reason)
    }
  }
  const open = (summary: ViewSummary) =>
    run(async () => {
      const found = await fetchTrendView(summary)
      if (found !== null) trend.open(found)
    })
  const save = () => {
    if (!view) return setDialog('saveAs')
    void run(() =>
      actions.update.mutateAsync({ viewId: view.id, version: view.version, content: trend.content() }),
    )
  }
  const share = (shared: boolean) => {
    if (view) void run(() => actions.update.mutateAsync({ viewId: view.id, version: view.version, shared }))
  }
  const own = views.filter(({ shared }) => !shared)
  const shared = views.filter((one) => one.shared)
  const entry = (one: ViewSummary) => (
    <Menu.Item
      key={one.id}
      leftSection={one.id === trend.viewId ? <Icon name="check" /> : <span style={{ width: 16 }} />}
      rightSection={
        one.shared && !one.mine && one.ownerName !== null ? (
          <span className="sub small">{one.ownerName}</span>
        ) : null
      }
      onClick={() => void open(one)}
    >
      {one.name}
    </Menu.Item>
  )
  return (
    <>
      <Menu width={280} position="bottom-start" withinPortal>
        <Menu.Target>
          <Button
            className={css.viewButton ?? ''}
            rightSection={<Icon name="chevron-down" size={14} />}
            title={isChanged ? t('view.changed') : undefined}
          >
            <span className="ellipsis">{view?.name ?? t('view.none')}</span>
            {isChanged && (
              <span className={css.changed}>
                <span aria-hidden="true"> •</span>
                <span className={css.changedWord}>{t('view.changedShort')}</span>
              </span>
            )}
          </Button>
        </Menu.Target>
        <Menu.Dropdown className={css.viewList ?? ''}>
          <Menu.Item
            leftSection={<Icon name="check" />}
            disabled={trend.settings.channels.length === 0 || (view !== null && view?.writable === false)}
            onClick={save}
          >
            {view ? t('view.save', { name: view.name }) : t('view.saveNew')}
          </Menu.Item>
          {view && (
            <>
              <Menu.Item leftSection={<Icon name="copy" />} onClick={() => setDialog('saveAs')}>
                {t('view.saveAs')}
              </Menu.Item>
              {isChanged && (
                <Menu.Item leftSection={<Icon name="refresh" />} onClick={() => trend.open(view)}>
                  {t('view.revert')}
                </Menu.Item>
              )}
              {view.writable && (
                <Menu.Item leftSection={<Icon name="edit" />} onClick={() => setDialog('rename')}>
                  {t('view.rename')}
                </Menu.Item>
              )}
              {mayShare && (
                <Menu.Item leftSection={<Icon name="open" />} onClick={() => share(!view.shared)}>
                  {view.shared
                    ? t('view.unshare')
                    : several
                      ? t('view.share', { tenant: view.tenant?.name ?? t('view.site') })
                      : t('view.shareAll')}
                </Menu.Item>
              )}
              {view.writable && (
                <Menu.Item
                  leftSection={<Icon name="close" />}
                  color="red"
                  onClick={() => setDialog('delete')}
                >
                  {t('view.delete')}
                </Menu.Item>
              )}
              <Menu.Item leftSection={<span style={{ width: 16 }} />} onClick={() => trend.open(null)}>
                {t('view.leave')}
              </Menu.Item>
            </>
          )}
          {own.length > 0 && <Menu.Label>{t('view.own')}</Menu.Label>}
          {own.map(entry)}
          {shared.length > 0 && <Menu.Label>{t('view.shared')}</Menu.Label>}
          {shared.map(entry)}
          {ready && views.length === 0 && <Menu.Label>{t('view.empty')}</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      {(error !== null || listError !== undefined) && (
        <div className={css.viewError}>
          <ErrorNote error={error ?? listError} onRetry={() => setError(null)} />
        </div>
      )}
      {dialog === 'saveAs' && (
        <NameView
          title={t('view.saveAsTitle')}
          name={view ? t('view.copyOf', { name: view.name }) : ''}
          content={trend.content()}
          channels={channels}
          onClose={() => setDialog(null)}
          onDone={trend.open}
        />
      )}
      {dialog === 'rename' && view && (
        <NameView
          title={t('view.renameTitle')}
          name={view.name}
          view={view}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'delete' && view && (
        <DeleteView view={view} onClose={() => setDialog(null)} onDone={() => trend.open(null)} />
      )}
      {dialog === 'conflict' && listed !== undefined && (
        <ViewConflict
          view={listed}
          onLoad={() => void open(listed)}
          onCopy={() => setDialog('saveAs')}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  )
})
