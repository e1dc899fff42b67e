import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ViewSummary } from '#contract/api/views.ts'
import { MOST_TILES, type TileKind } from '#contract/model/dashboard.ts'
import { DEFAULT_RANGE, parseRange, presets } from '#renderer/charts/time-range.ts'
import { Icon, type IconName } from '#renderer/ui/icon.tsx'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { LeaveDialog } from '../dashboard-dialogs.tsx'
import css from '../dashboards.module.css'
import { LiveDashboard } from '../live/live-dashboard.tsx'
import type { TileChannels } from '../live/use-tile-channels.ts'
import { newTileId } from '../model/tile-id.ts'
import { useTileTitle } from '../tiles/tile-title.ts'
import type { SavedDashboard } from '../use-dashboards.ts'
import { AddPanel } from './add-panel.tsx'
import { closedUp, withNew } from './changes.ts'
import { EditGrid } from './edit-grid.tsx'
import { KEYS_ID } from './tile-handles.tsx'
import { TilePanel } from './tile-panel.tsx'
import { type Draft, useDraft } from './use-draft.ts'
import { useLeaveGuard } from './use-leave-guard.ts'
import { useSaving } from './use-saving.ts'

const ignore = () => {}

/** A dashboard being arranged. Nothing is kept until it is saved. */
export function DashboardEditor(props: {
  dashboard: SavedDashboard
  /** What the list of dashboards says of it now. */
  latest: ViewSummary | undefined
  known: TileChannels
}) {
  const { known } = props
  const { t } = useTranslation(['dashboards', 'common', 'charts'])
  const navigate = useNavigate()
  // Somebody else's change does not come under one's hands: it is told, and one chooses.
  const [base, setBase] = useState(props.dashboard)
  const draft = useDraft(base.content)
  const [name, setName] = useState(base.name)
  const [panel, setPanel] = useState<'add' | { tile: string } | null>(
    base.content.tiles.length === 0 ? 'add' : null,
  )
  const [said, setSaid] = useState('')
  const selected = panel !== null && panel !== 'add' ? panel.tile : null
  const tile = draft.now.tiles.find((one) => one.id === selected)
  const dirty = draft.now !== base.content || name.trim() !== base.name
  const guard = useLeaveGuard(dirty)

  const open = useCallback(
    (id: string) => {
      void navigate({
        to: '/dashboards/$dashboardId',
        params: { dashboardId: id },
        search: (before: Record<string, unknown>) => ({ ...before, edit: undefined }),
        replace: id === base.id,
      } as never)
    },
    [navigate, base.id],
  )
  const openSaved = (id: string) => {
    guard.release()
    open(id)
  }
  const saving = useSaving(base, { name: name.trim(), content: draft.now })
  const save = useMutation({
    mutationFn: saving.save,
    onSuccess: (saved) => (guard.isBlocked() ? guard.proceed() : openSaved(saved.id)),
  })
  const copy = useMutation({ mutationFn: saving.saveCopy, onSuccess: (saved) => openSaved(saved.id) })
  const conflict =
    !save.isPending && (saving.isConflict(save.error) || (props.latest?.version ?? 0) > base.version)
  const reload = useMutation({
    mutationFn: saving.load,
    onSuccess(theirs) {
      setBase(theirs)
      draft.load(theirs.content)
      setName(theirs.name)
      setPanel(null)
      save.reset()
    },
  })
  useShortcuts(draft, () => {
    if (dirty && !conflict && name.trim() !== '') save.mutate()
  })

  const add = (kind: TileKind, channelIds: string[]) => {
    const id = newTileId()
    const next = { id, kind, channelIds, options: {} }
    draft.change((dashboard) => withNew(dashboard, next))
    setPanel({ tile: id })
    setSaid(t('announce.added'))
  }
  const select = useCallback((id: string | null) => setPanel(id === null ? null : { tile: id }), [])
  const full = draft.now.tiles.length >= MOST_TILES
  const range = parseRange(draft.now.range) ?? DEFAULT_RANGE
  const closePanel = () => {
    setPanel(null)
    if (selected !== null)
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-tile="${selected}"]`)?.focus({ preventScroll: true }),
      )
  }
  return (
    <Page
      title={t('edit.title', { name: base.name })}
      heading={
        <>
          <h1 className="visually-hidden">{t('edit.title', { name: base.name })}</h1>
          <TextInput
            className={css.title ?? ''}
            aria-label={t('create.name')}
            maxLength={100}
            value={name}
            error={name.trim() === '' ? t('create.nameless') : null}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </>
      }
      actions={
        <div className={css.tools}>
          <Tool icon="undo" label={t('edit.undo')} disabled={!draft.canUndo} onClick={draft.undo} />
          <Tool icon="redo" label={t('edit.redo')} disabled={!draft.canRedo} onClick={draft.redo} />
          <Tool icon="close-up" label={t('edit.closeUp')} onClick={() => draft.change(closedUp)} />
          <Select
            aria-label={t('edit.range')}
            w={110}
            value={draft.now.range ?? '1h'}
            data={[
              ...presets.map(({ id }) => ({ value: id, label: t(`charts:range.preset.${id}`) })),
              ...(draft.now.range === undefined || presets.some(({ id }) => id === draft.now.range)
                ? []
                : [{ value: draft.now.range, label: draft.now.range }]),
            ]}
            onChange={(value) => {
              if (value !== null) draft.change((dashboard) => ({ ...dashboard, range: value }), 'range')
            }}
          />
          <Button
            leftSection={<Icon name="plus" size={14} />}
            disabled={full}
            title={full ? t('edit.full', { count: MOST_TILES }) : undefined}
            onClick={() => setPanel('add')}
          >
            {t('edit.add')}
          </Button>
          <Button onClick={() => open(base.id)}>{t('common:action.cancel')}</Button>
          <Button
            variant="filled"
            disabled={!dirty || conflict || name.trim() === ''}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('common:action.save')}
          </Button>
        </div>
      }
    >
      {conflict && (
        <Note
          tone="orange"
          title={t('conflict.title', { by: props.latest?.updatedBy ?? t('conflict.somebody') })}
          action={
            <div className={css.tools}>
              <Button size="xs" loading={reload.isPending} onClick={() => reload.mutate()}>
                {t('conflict.load')}
              </Button>
              <Button size="xs" loading={copy.isPending} onClick={() => copy.mutate()}>
                {t('conflict.copy')}
              </Button>
            </div>
          }
        >
          {t('conflict.text')}
        </Note>
      )}
      {save.error !== null && !conflict && <ErrorNote error={save.error} onRetry={() => save.mutate()} />}
      {copy.error !== null && <ErrorNote error={copy.error} />}
      {reload.error !== null && <ErrorNote error={reload.error} />}
      <p id={KEYS_ID} className="sub small">
        {t('edit.keys')}
      </p>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      <LiveDashboard tiles={draft.now.tiles} known={known} range={range} onRange={ignore}>
        <div className={css.editor}>
          {draft.now.tiles.length === 0 ? (
            <Empty title={t('view.emptyTitle')} text={t('edit.emptyText')} />
          ) : (
            <EditGrid draft={draft} selected={selected} onSelect={select} onAnnounce={setSaid} />
          )}
          {panel === 'add' && <AddPanel all={known.all} onAdd={add} onClose={closePanel} />}
          {tile !== undefined && (
            <TitledPanel key={tile.id} tile={tile} known={known} draft={draft} onClose={closePanel} />
          )}
        </div>
      </LiveDashboard>
      {guard.blocked && (
        <LeaveDialog
          saving={save.isPending}
          onSave={() => save.mutate()}
          onDiscard={guard.proceed}
          onStay={guard.stay}
        />
      )}
    </Page>
  )
}

function TitledPanel(props: {
  tile: SavedDashboard['content']['tiles'][number]
  known: TileChannels
  draft: Draft
  onClose(): void
}) {
  const members = props.tile.channelIds
    .map((id) => props.known.byId.get(id))
    .filter((channel) => channel !== undefined)
  const title = useTileTitle(props.tile, members)
  return (
    <TilePanel
      tile={props.tile}
      title={title.text}
      all={props.known.all}
      draft={props.draft}
      onClose={props.onClose}
    />
  )
}

function Tool(props: { icon: IconName; label: string; disabled?: boolean; onClick(): void }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon aria-label={props.label} disabled={props.disabled ?? false} onClick={props.onClick}>
        <Icon name={props.icon} />
      </ActionIcon>
    </Tooltip>
  )
}

/** Ctrl-Z, Ctrl-Shift-Z (and Ctrl-Y) and Ctrl-S, but not while typing: fields have their own way back. */
function useShortcuts(draft: Draft, onSave: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      const key = event.key.toLowerCase()
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
      if (key === 's') onSave()
      else if (typing) return
      else if (key === 'z') (event.shiftKey ? draft.redo : draft.undo)()
      else if (key === 'y') draft.redo()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}
