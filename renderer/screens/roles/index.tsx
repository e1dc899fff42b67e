import { Button, Select } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoleInfo } from '#contract/api/roles.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useRoles } from '../users/use-users.ts'
import { DeleteRoleDialog, SecondFactorDialog } from './role-dialogs.tsx'
import { draftOf, newRole, type RoleDraft } from './role-draft.ts'
import { RoleMatrix } from './role-matrix.tsx'
import css from './roles.module.css'

type Open = { kind: 'delete' | 'secondFactor'; role: RoleInfo }

/** Which role may do what: a matrix, in which own roles are made and changed. */
export function RolesScreen() {
  const { t } = useTranslation('roles')
  const search: { tenant?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const { tenants, acting, several } = useTenants()
  const me = useMe()
  // Own roles are a tenant's: whoever acts in none looks at one at a time.
  const tenant = acting ?? tenants.find(({ slug }) => slug === search.tenant) ?? tenants[0] ?? null
  const query = useRoles(tenant?.id ?? null, tenant !== null)
  const mayWrite = useMay('roles:write') && (me?.reach === 'site' || me?.reach === 'tenant')
  const [draft, setDraft] = useState<RoleDraft | null>(null)
  const [open, setOpen] = useState<Open | null>(null)
  const roles = query.data?.roles
  return (
    <Page
      title={t('title')}
      beside={
        several &&
        acting === null && (
          <Select
            aria-label={t('tenant')}
            data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
            value={tenant?.slug ?? null}
            allowDeselect={false}
            searchable={tenants.length > 6}
            disabled={draft !== null}
            onChange={(slug) =>
              void navigate({
                to: '.',
                search: { tenant: slug ?? undefined } as Record<string, unknown>,
              } as never)
            }
          />
        )
      }
      actions={
        mayWrite && (
          <Button
            variant="filled"
            leftSection={<Icon name="plus" />}
            disabled={draft !== null || roles === undefined}
            onClick={() => setDraft(newRole)}
          >
            {t('create')}
          </Button>
        )
      }
    >
      {query.error !== null && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.data === undefined || tenant === null ? (
        query.error === null && <Skeleton height={480} />
      ) : (
        <>
          <RoleMatrix
            tenantId={tenant.id}
            roles={query.data.roles}
            permissions={query.data.permissions}
            mayWrite={mayWrite}
            draft={draft}
            onDraft={setDraft}
            onEdit={(role) => setDraft(draftOf(role))}
            onDelete={(role) => setOpen({ kind: 'delete', role })}
            onSecondFactor={(role) => setOpen({ kind: 'secondFactor', role })}
          />
          <p className={`${css.hint} sec`}>{t('hint')}</p>
        </>
      )}
      {open?.kind === 'delete' && <DeleteRoleDialog role={open.role} onClose={() => setOpen(null)} />}
      {open?.kind === 'secondFactor' && <SecondFactorDialog role={open.role} onClose={() => setOpen(null)} />}
    </Page>
  )
}
