import { Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useErrorText } from '../api/error-text.ts'
import { useMe } from '../api/use-session.ts'
import { Icon } from '../ui/icon.tsx'
import css from './shell.module.css'
import { useSwitchTenant } from './switch-tenant.ts'
import { useTenantScope, useTenants } from './tenant-scope.ts'

/** In which tenant the person acts, and the others that they may choose. Who has one never sees it. */
export function TenantMenu() {
  const { t } = useTranslation('common')
  const me = useMe()
  const { several, tenants, acting } = useTenants()
  const filter = useTenantScope()
  const text = useErrorText()
  const change = useMutation({ mutationFn: useSwitchTenant() })
  if (!several) return null
  // Who has no session of their own, as the visitor of a demo, narrows what is shown by the address.
  const isPerson = me?.kind === 'person'
  const chosen = isPerson ? acting : filter.tenant
  const choose = (slug: string | null) => (isPerson ? change.mutate(slug) : filter.choose(slug))
  const name = chosen?.name ?? t('frame.allTenants')
  const choices = me?.ofSite === true ? [null, ...tenants] : tenants
  return (
    <>
      <span className="sub">/</span>
      <Menu position="bottom-start">
        <Menu.Target>
          <button type="button" className={css.quiet} disabled={change.isPending} title={name}>
            <span className="visually-hidden">{t('frame.tenant')}</span>
            <span className="ellipsis">{name}</span>
            <Icon name="chevron-down" />
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
          {choices.map((tenant) => (
            <Menu.Item
              key={tenant?.id ?? 'all'}
              aria-current={tenant?.id === chosen?.id ? 'true' : undefined}
              onClick={() => choose(tenant?.slug ?? null)}
              rightSection={tenant?.id === chosen?.id ? <Icon name="check" /> : null}
            >
              {tenant?.name ?? t('frame.allTenants')}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {change.error !== null && (
        <span className="sec small" role="alert">
          {text(change.error).what}
        </span>
      )}
    </>
  )
}
