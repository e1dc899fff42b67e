import { Menu } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { useTranslation } from 'react-i18next'
import { useSite } from '../api/use-session.ts'
import { Icon } from '../ui/icon.tsx'
import { JobsButton } from './jobs-button.tsx'
import { LinkIndicator } from './link-indicator.tsx'
import css from './shell.module.css'
import { useTenantScope } from './tenant-scope.ts'
import { UserMenu } from './user-menu.tsx'

export function TopBar() {
  const { t } = useTranslation('common')
  const site = useSite()
  return (
    <header className={css.top}>
      <div className={css.where}>
        <b title={site?.name}>{site?.name ?? ''}</b>
        <TenantFilter />
      </div>
      <button
        type="button"
        className={css.find}
        onClick={() => spotlight.open()}
        aria-keyshortcuts="Control+K"
      >
        <Icon name="search" />
        <span>{t('frame.find')}</span>
        <span className={css.key}>{isApple() ? '⌘ K' : 'Ctrl K'}</span>
      </button>
      <div className={css.tools}>
        <LinkIndicator />
        <JobsButton />
        <UserMenu />
      </div>
    </header>
  )
}

/** A site with one tenant never shows the word. */
function TenantFilter() {
  const { t } = useTranslation('common')
  const scope = useTenantScope()
  if (!scope.several) return null
  return (
    <>
      <span className="sub">/</span>
      <Menu position="bottom-start">
        <Menu.Target>
          <button type="button" className={css.quiet}>
            <span className="visually-hidden">{t('frame.tenant')}</span>
            <span className="ellipsis">{scope.tenant?.name ?? t('frame.allTenants')}</span>
            <Icon name="chevron-down" />
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
          {[null, ...scope.tenants].map((tenant) => (
            <Menu.Item
              key={tenant?.id ?? 'all'}
              onClick={() => scope.choose(tenant?.slug ?? null)}
              rightSection={tenant?.id === scope.tenant?.id ? <Icon name="check" /> : null}
            >
              {tenant?.name ?? t('frame.allTenants')}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

function isApple(): boolean {
  return /mac|iphone|ipad/i.test(navigator.platform)
}
