import { spotlight } from '@mantine/spotlight'
import { useTranslation } from 'react-i18next'
import { useSite } from '../api/use-session.ts'
import { Icon } from '../ui/icon.tsx'
import { JobsButton } from './jobs-button.tsx'
import { LinkIndicator } from './link-indicator.tsx'
import css from './shell.module.css'
import { TenantMenu } from './tenant-menu.tsx'
import { UserMenu } from './user-menu.tsx'

export function TopBar() {
  const { t } = useTranslation('common')
  const site = useSite()
  return (
    <header className={css.top}>
      <div className={css.where}>
        <b title={site?.name}>{site?.name ?? ''}</b>
        <TenantMenu />
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

function isApple(): boolean {
  return /mac|iphone|ipad/i.test(navigator.platform)
}
