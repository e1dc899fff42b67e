import { Button } from '@mantine/core'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { readError } from '#renderer/api/client.ts'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { DashboardView } from './dashboard-view.tsx'
import { DashboardEditor } from './edit/dashboard-editor.tsx'
import { type TileChannels, useTileChannels } from './live/use-tile-channels.ts'
import { useDashboard } from './use-dashboards.ts'

/** One dashboard: live, being arranged (`?edit`), or filling the screen of a control room (`?full`). */
export function DashboardScreen() {
  const { dashboardId }: { dashboardId?: string } = useParams({ strict: false })
  // The fleet changes several times a second; what is below only with its channels.
  return <Dashboard key={dashboardId} id={dashboardId ?? ''} known={useTileChannels()} />
}

const Dashboard = memo(function Dashboard({ id, known }: { id: string; known: TileChannels }) {
  const { t } = useTranslation('dashboards')
  const { data, error, refetch, summary } = useDashboard(id)
  const search: { edit?: unknown; full?: unknown } = useSearch({ strict: false })
  const gone = error !== null && ['not_found', 'input_invalid'].includes(readError(error).code)
  if (gone) {
    return (
      <Page title={t('gone.title')} heading={<h1 className="visually-hidden">{t('gone.title')}</h1>}>
        <Empty
          title={t('gone.title')}
          text={t('gone.text')}
          action={
            <Button component={Link} to="/dashboards">
              {t('gone.back')}
            </Button>
          }
        />
      </Page>
    )
  }
  if (data === undefined) {
    return (
      <Page title={t('title')}>
        {error === null ? <Skeleton /> : <ErrorNote error={error} onRetry={() => void refetch()} />}
      </Page>
    )
  }
  if (search.edit !== undefined && search.edit !== false && data.writable)
    return <DashboardEditor dashboard={data} latest={summary} known={known} />
  return (
    <DashboardView dashboard={data} known={known} full={search.full !== undefined && search.full !== false} />
  )
})
