import { Button, Tooltip } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DEFAULT_RANGE, parseRange } from '#renderer/charts/time-range.ts'
import { TimeRangeControl } from '#renderer/charts/time-range-control.tsx'
import { useAddressRange } from '#renderer/charts/use-address-range.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Pill } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { DashboardGrid } from './dashboard-grid.tsx'
import { DashboardMenu } from './dashboard-menu.tsx'
import css from './dashboards.module.css'
import { FullScreen } from './full/full-screen.tsx'
import { LiveDashboard } from './live/live-dashboard.tsx'
import type { TileChannels } from './live/use-tile-channels.ts'
import { PrintHeading } from './paper/print-heading.tsx'
import { saveImage } from './paper/save-image.ts'
import { usePaper } from './paper/use-paper.ts'
import type { SavedDashboard } from './use-dashboards.ts'

/** A dashboard to look at. */
export function DashboardView(props: { dashboard: SavedDashboard; known: TileChannels; full: boolean }) {
  const { dashboard, known } = props
  const { t } = useTranslation('dashboards')
  const navigate = useNavigate()
  const [range, setRange] = useAddressRange(parseRange(dashboard.content.range) ?? DEFAULT_RANGE)
  const sheet = useRef<HTMLDivElement>(null)
  const [failure, setFailure] = useState<unknown>(null)
  usePaper(sheet)
  const { tiles } = dashboard.content
  const edit = () =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, edit: true }),
    } as never)
  const full = () =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, full: true }),
    } as never)
  const live = (
    <LiveDashboard tiles={tiles} known={known} range={range} onRange={setRange}>
      {props.full ? (
        <FullScreen name={dashboard.name}>
          <DashboardGrid tiles={tiles} full />
        </FullScreen>
      ) : (
        <div ref={sheet} className={css.sheet}>
          <PrintHeading name={dashboard.name} range={range} />
          <DashboardGrid tiles={tiles} />
        </div>
      )}
    </LiveDashboard>
  )
  if (props.full) return live
  return (
    <Page
      title={dashboard.name}
      heading={
        <>
          <Link to="/dashboards" className={css.back ?? ''} aria-label={t('view.back')}>
            <Icon name="chevron-left" />
          </Link>
          <h1 className={`${css.name} ellipsis`} title={dashboard.name}>
            {dashboard.name}
          </h1>
        </>
      }
      beside={dashboard.shared && <Pill>{t('shared.word')}</Pill>}
      actions={
        <div className={css.tools}>
          <TimeRangeControl range={range} onChange={setRange} />
          {dashboard.writable && (
            <Button leftSection={<Icon name="edit" size={14} />} onClick={edit}>
              {t('view.edit')}
            </Button>
          )}
          <Tooltip label={t('view.fullHint')}>
            <Button leftSection={<Icon name="full" size={14} />} onClick={full}>
              {t('view.full')}
            </Button>
          </Tooltip>
          <DashboardMenu
            summary={dashboard}
            shown={{
              onPrint: () => globalThis.print(),
              onImage: () => {
                setFailure(null)
                if (sheet.current !== null)
                  saveImage(sheet.current, t('image.name', { name: dashboard.name })).catch(setFailure)
              },
            }}
            onDeleted={() => void navigate({ to: '/dashboards' })}
          />
        </div>
      }
    >
      {known.error !== null && <ErrorNote error={known.error} onRetry={known.refresh} />}
      {failure !== null && <ErrorNote error={failure} />}
      {tiles.length === 0 ? (
        <Empty
          title={t('view.emptyTitle')}
          text={t('view.emptyText')}
          action={
            dashboard.writable && (
              <Button variant="filled" onClick={edit}>
                {t('view.emptyButton')}
              </Button>
            )
          }
        />
      ) : (
        live
      )}
    </Page>
  )
}
