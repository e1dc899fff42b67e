import { Button, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Group } from '#contract/api/groups.ts'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { CreateTenantDialog } from './create-tenant-dialog.tsx'
import { type GroupAction, GroupDialog } from './group-dialogs.tsx'
import { GroupTree } from './group-tree.tsx'
import { QuotasDialog } from './quotas-dialog.tsx'
import css from './tenants.module.css'
import { useTenantDetails } from './use-tenants.ts'

/** The tree of one tenant: buildings, lines, areas. Rights inherit downwards. */
export function GroupsPage(props: {
  tenant: TenantRef
  /** The person has to do with several: it is said whose groups these are. */
  named: boolean
  onBack: (() => void) | null
}) {
  const { t } = useTranslation('tenants')
  const { tenant } = props
  const groups = useGroups()
  const mayWrite = useMay('tenants:write')
  const me = useMe()
  const [action, setAction] = useState<{ action: GroupAction; group: Group | null } | null>(null)
  const list = groups.list?.filter(({ tenantId }) => tenantId === tenant.id) ?? null
  const whole = me?.reach === 'site' || me?.reach === 'tenant'
  const add = mayWrite && (whole || (list !== null && list.length > 0)) && (
    <Button
      variant="filled"
      leftSection={<Icon name="plus" />}
      onClick={() => setAction({ action: 'add', group: null })}
    >
      {t('groups.add')}
    </Button>
  )
  return (
    <Page
      title={props.named ? t('groups.titleOf', { name: tenant.name }) : t('groups.title')}
      beside={
        props.onBack !== null && (
          <button type="button" className={`link-button ${css.back}`} onClick={props.onBack}>
            <Icon name="chevron-left" />
            {t('groups.back')}
          </button>
        )
      }
      actions={
        <>
          {me?.ofSite === true && <SiteMenu tenant={tenant} named={props.named} />}
          {list !== null && list.length > 0 && add}
        </>
      }
    >
      {groups.error !== null && <ErrorNote error={groups.error} onRetry={groups.retry} />}
      {list === null && groups.error === null && <Skeleton />}
      {list?.length === 0 && (
        <Empty
          title={t('groups.empty.title')}
          text={t('groups.empty.text')}
          action={add === false ? undefined : add}
        />
      )}
      {list !== null && list.length > 0 && (
        <>
          <div className={css.hint}>
            <p className="sec">{t('groups.hint')}</p>
            <Link to="/fleet" search={props.named ? { tenant: tenant.slug } : {}}>
              {t('groups.fleet')}
            </Link>
          </div>
          <Card className={css.tree ?? ''} label={t('groups.title')}>
            <GroupTree
              groups={list}
              mayWrite={mayWrite}
              mayTop={whole}
              onAction={(next, group) => setAction({ action: next, group })}
            />
          </Card>
        </>
      )}
      {action !== null && (
        <GroupDialog
          {...action}
          groups={list ?? []}
          tenant={tenant}
          mayTop={whole}
          onClose={() => setAction(null)}
        />
      )}
    </Page>
  )
}

/** What administrators of the site find here besides: limits, and that the site can serve several. */
function SiteMenu({ tenant, named }: { tenant: TenantRef; named: boolean }) {
  const { t } = useTranslation('tenants')
  const [open, setOpen] = useState<'quotas' | 'several' | null>(null)
  const details = useTenantDetails().data?.tenants.find(({ id }) => id === tenant.id)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button aria-label={t('groups.more')}>
            <Icon name="more" />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={details === undefined} onClick={() => setOpen('quotas')}>
            {t('quotas.open')}
          </Menu.Item>
          {!named && <Menu.Item onClick={() => setOpen('several')}>{t('several.open')}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {open === 'quotas' && details !== undefined && (
        <QuotasDialog tenant={details} plain={!named} onClose={() => setOpen(null)} />
      )}
      {open === 'several' && (
        <CreateTenantDialog first={tenant.name} onCreated={() => undefined} onClose={() => setOpen(null)} />
      )}
    </>
  )
}
