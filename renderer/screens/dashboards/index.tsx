import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ViewSummary } from '#contract/api/views.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, Empty, Page, Pill, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { CreateDialog } from './create-dialog.tsx'
import { DashboardMenu } from './dashboard-menu.tsx'
import css from './dashboards.module.css'
import { type TileChannels, useTileChannels } from './live/use-tile-channels.ts'
import { useDashboards } from './use-dashboards.ts'

/** One's own dashboards, and those that are shared. */
export function DashboardsScreen() {
  const { t } = useTranslation('dashboards')
  const { list, error } = useDashboards()
  const known = useTileChannels()
  /** What a new one begins with: a gateway, nothing, or null while none is being made. */
  const [making, setMaking] = useState<{ gatewayId: string | null } | null>(null)
  return (
    <Page
      title={t('title')}
      actions={
        list !== undefined &&
        list.length > 0 && (
          <Button
            variant="filled"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => setMaking({ gatewayId: null })}
          >
            {t('list.new')}
          </Button>
        )
      }
    >
      {error !== undefined && <ErrorNote error={error} />}
      {known.error !== null && <ErrorNote error={known.error} onRetry={known.refresh} />}
      {list === undefined ? (
        error === undefined && <Skeleton />
      ) : list.length === 0 ? (
        <NoDashboards known={known} onMake={(gatewayId) => setMaking({ gatewayId })} />
      ) : (
        <List list={list} />
      )}
      {making !== null && (
        <CreateDialog known={known} gatewayId={making.gatewayId} onClose={() => setMaking(null)} />
      )}
    </Page>
  )
}

function List({ list }: { list: readonly ViewSummary[] }) {
  const { t } = useTranslation('dashboards')
  const format = useFormat()
  const now = useNow()
  return (
    <Card className={css.list ?? ''}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('list.name')}</th>
            <th scope="col">{t('list.for')}</th>
            <th scope="col">{t('list.changed')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('list.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Link to="/dashboards/$dashboardId" params={{ dashboardId: one.id }}>
                  {one.name}
                </Link>
              </th>
              <td>
                {one.shared ? (
                  <Pill>
                    {one.tenant === null ? t('shared.site') : t('shared.tenant', { tenant: one.tenant.name })}
                  </Pill>
                ) : (
                  <span className="sub">{t('shared.own')}</span>
                )}
              </td>
              <td className="sub" title={format.dateTime(one.updatedAt)}>
                {t('list.ago', { age: format.age(now - one.updatedAt.getTime()) })}
                {one.updatedBy !== null && `, ${one.updatedBy}`}
              </td>
              <td className="num">
                <DashboardMenu summary={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}

function NoDashboards({ known, onMake }: { known: TileChannels; onMake(gatewayId: string | null): void }) {
  const { t } = useTranslation('dashboards')
  const first = known.all.find((channel) => channel.gatewayId !== '')
  return (
    <Empty
      title={t('empty.title')}
      text={t('empty.text')}
      action={
        <div className={css.buttons}>
          {first !== undefined && (
            <Button variant="filled" onClick={() => onMake(first.gatewayId)}>
              {t('empty.suggest', { code: first.gatewayCode })}
            </Button>
          )}
          <Button onClick={() => onMake(null)}>{t('empty.new')}</Button>
        </div>
      }
    />
  )
}
