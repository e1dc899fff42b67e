import { Link, useNavigate } from '@tanstack/react-router'
import { type MouseEvent, memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Overview } from '#contract/api/overview.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { exceptions } from './attention.ts'
import css from './overview.module.css'

type TenantTile = Overview['tenants'][number]

/** A tile per tenant, one square a gateway. A site with one tenant has one tile, named by what it shows. */
export function TenantTiles({ tenants }: { tenants: readonly TenantTile[] }) {
  const scope = useTenantScope()
  const shown = scope.tenant === null ? tenants : tenants.filter(({ id }) => id === scope.tenant?.id)
  return (
    <div className={css.tiles}>
      {shown.map((tenant) => (
        <Tile key={tenant.id} tenant={tenant} alone={!scope.several} />
      ))}
    </div>
  )
}

function Tile({ tenant, alone }: { tenant: TenantTile; alone: boolean }) {
  const { t } = useTranslation('overview')
  const format = useFormat()
  const { tenants } = useTenantScope()
  const slug = tenants.find(({ id }) => id === tenant.id)?.slug
  const online = tenant.counts.online + tenant.counts.stale
  const others = exceptions.filter((status) => tenant.counts[status] > 0)
  const words = others.map((status) => t(`count.${status}`, { count: tenant.counts[status] })).join(' · ')
  const search = alone || slug === undefined ? {} : { tenant: slug }
  const title = alone ? t('tiles.gateways') : tenant.name
  return (
    <Card className={css.tenant ?? ''} label={title}>
      <div className={css.tileHead}>
        <Link to="/fleet" search={search} className={`${css.plain} strong ellipsis`}>
          {title}
        </Link>
        <span className="sec">
          {t('tiles.online', { online: format.integer(online), all: format.integer(tenant.total) })}
        </span>
      </div>
      <p className="small sub ellipsis" title={words}>
        {tenant.total === 0 ? t('tiles.none') : words === '' ? t('tiles.allOnline') : words}
      </p>
      <Squares squares={tenant.squares} label={`${title}: ${words === '' ? t('tiles.allOnline') : words}`} />
      {tenant.total > tenant.squares.length && (
        <p className="small sub">{t('tiles.more', { count: tenant.total - tenant.squares.length })}</p>
      )}
    </Card>
  )
}

const Squares = memo(
  function Squares({ squares, label }: { squares: TenantTile['squares']; label: string }) {
    const { t } = useTranslation('common')
    const navigate = useNavigate()
    const open = (event: MouseEvent<HTMLElement>) => {
      const id = event.target instanceof HTMLElement ? event.target.dataset.id : undefined
      if (id !== undefined) void navigate({ to: '/gateways/$gatewayId', params: { gatewayId: id } })
    }
    return (
      // The pointer's short cut; with the keyboard the title leads to the same gateways in the fleet.
      // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
      <div className={css.cells} role="img" aria-label={label} onClick={open}>
        {squares.map((square) => (
          <i
            key={square.id}
            data-id={square.id}
            data-status={square.status}
            title={`${square.code} · ${t(`status.${square.status}`)}`}
          />
        ))}
      </div>
    )
  },
  (before, after) =>
    before.label === after.label &&
    before.squares.length === after.squares.length &&
    before.squares.every((square, index) => {
      const other = after.squares[index]
      return square.id === other?.id && square.status === other.status && square.code === other.code
    }),
)
