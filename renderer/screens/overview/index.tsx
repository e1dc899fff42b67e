import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Overview } from '#contract/api/overview.ts'
import { api, useLive } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { AttentionList } from './attention-list.tsx'
import { EventList } from './event-list.tsx'
import { KeyFigures } from './key-figures.tsx'
import css from './overview.module.css'
import { TenantTiles } from './tenant-tiles.tsx'
import { useRunway } from './use-runway.ts'

/** Health at a glance. */
export function OverviewScreen() {
  const { t } = useTranslation('overview')
  const { value, error } = useLive(['overview'], (signal) => api.overview.watch(undefined, { signal }))
  return (
    <Page
      title={t('title')}
      beside={value !== undefined && <Verdict overview={value} />}
      actions={value !== undefined && value.horizon !== null && <Horizon horizon={value.horizon} />}
    >
      {error !== undefined && <ErrorNote error={error} />}
      {value === undefined ? (
        error === undefined && <Loading />
      ) : value.total === 0 ? (
        <FirstGateway />
      ) : (
        <Filled overview={value} />
      )}
    </Page>
  )
}

function Filled({ overview }: { overview: Overview }) {
  return (
    <>
      <KeyFigures overview={overview} />
      <div className={css.two}>
        <AttentionList overview={overview} />
        <EventList events={overview.events} />
      </div>
      <TenantTiles tenants={overview.tenants} />
    </>
  )
}

function Verdict({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview')
  if (overview.total === 0) return <span className="sec">{t('verdict.empty')}</span>
  return (
    <span className="sec" role="status">
      {overview.attentionTotal === 0
        ? t('verdict.fine')
        : t('verdict.attention', { count: overview.attentionTotal })}
    </span>
  )
}

function Horizon({ horizon }: { horizon: NonNullable<Overview['horizon']> }) {
  const { t } = useTranslation('overview')
  const runway = useRunway()
  return (
    <span className="sub small">
      {t(`horizon.${horizon.cause}`, { span: runway(horizon.days), what: horizon.what })}
    </span>
  )
}

/** An empty site says what to do next and offers to do it. */
function FirstGateway() {
  const { t } = useTranslation('overview')
  const mayAdd = useMay('gateways:write')
  const { several } = useTenantScope()
  return (
    <Empty
      title={t('empty.title')}
      text={t(several ? 'empty.textSeveral' : 'empty.text')}
      action={
        mayAdd && (
          <Button
            variant="filled"
            size="lg"
            leftSection={<Icon name="plus" />}
            renderRoot={(props) => <Link to="/fleet/add" {...props} />}
          >
            {t('empty.button')}
          </Button>
        )
      }
    />
  )
}

function Loading() {
  return (
    <>
      <Skeleton height={106} />
      <Skeleton height={304} />
      <Skeleton />
    </>
  )
}
