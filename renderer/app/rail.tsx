import { Tooltip } from '@mantine/core'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import type { Permission } from '#contract/model/permission.ts'
import { may } from '../api/session.ts'
import { useMe } from '../api/use-session.ts'
import { sectionsFor } from '../screens/administration/sections.ts'
import { Icon, type IconName, Logo } from '../ui/icon.tsx'
import css from './shell.module.css'

interface Entry {
  to: NonNullable<LinkProps['to']>
  icon: IconName
  name:
    | 'overview'
    | 'fleet'
    | 'claims'
    | 'bench'
    | 'firmware'
    | 'cloud'
    | 'trends'
    | 'dashboards'
    | 'topics'
    | 'certificates'
    | 'administration'
    | 'settings'
  /** Of Administration: any of what its sections need. */
  needs: Permission | 'administration' | null
}

/** Only what exists, and what the person may see. The last one stands at the bottom. */
export const screens: readonly Entry[] = [
  { to: '/', icon: 'overview', name: 'overview', needs: 'gateways:read' },
  { to: '/fleet', icon: 'fleet', name: 'fleet', needs: 'gateways:read' },
  { to: '/bench', icon: 'bench', name: 'bench', needs: 'gateways:flash' },
  { to: '/claims', icon: 'claims', name: 'claims', needs: 'claims:accept' },
  { to: '/trends', icon: 'trends', name: 'trends', needs: 'telemetry:read' },
  { to: '/dashboards', icon: 'dashboards', name: 'dashboards', needs: 'telemetry:read' },
  { to: '/topics', icon: 'topics', name: 'topics', needs: 'telemetry:read' },
  { to: '/certificates', icon: 'certificates', name: 'certificates', needs: 'certificates:read' },
  { to: '/firmware', icon: 'firmware', name: 'firmware', needs: 'firmware:read' },
  { to: '/cloud', icon: 'cloud', name: 'cloud', needs: 'cloud:write' },
  { to: '/admin', icon: 'people', name: 'administration', needs: 'administration' },
  { to: '/settings', icon: 'settings', name: 'settings', needs: null },
]

/** Whether the person may see a screen at all. */
export function isOpen({ needs }: Entry, me: Me | undefined): boolean {
  if (needs === 'administration') return sectionsFor(me).length > 0
  return needs === null || may(me, needs)
}

const PINNED = 'millwright.rail-pinned'

/** Whether the rail stays wide; remembered on this machine. */
export function useRailPinned(): [boolean, (pinned: boolean) => void] {
  const [pinned, set] = useState(() => localStorage.getItem(PINNED) === 'yes')
  return [
    pinned,
    (next) => {
      localStorage.setItem(PINNED, next ? 'yes' : 'no')
      set(next)
    },
  ]
}

export function Rail({ pinned, onPin }: { pinned: boolean; onPin: (pinned: boolean) => void }) {
  const { t } = useTranslation('common')
  const me = useMe()
  const shown = screens.filter((entry) => isOpen(entry, me))
  return (
    <nav className={css.rail} aria-label={t('frame.main')}>
      <Link to="/" className={css.logo} aria-label={t('frame.home')}>
        <Logo />
        {pinned && 'Millwright'}
      </Link>
      <ul className={css.list}>
        {shown.map((entry) => (
          <li key={entry.name}>
            <Tooltip label={t(`screen.${entry.name}`)} position="right" disabled={pinned}>
              <Link
                to={entry.to}
                className={css.entry}
                activeOptions={{ exact: entry.to === '/', includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
                aria-label={t(`screen.${entry.name}`)}
              >
                <Icon name={entry.icon} size={20} />
                <span>{t(`screen.${entry.name}`)}</span>
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Tooltip label={pinned ? t('frame.unpin') : t('frame.pin')} position="right">
        <button
          type="button"
          className={`${css.entry} ${css.pin}`}
          aria-pressed={pinned}
          aria-label={pinned ? t('frame.unpin') : t('frame.pin')}
          onClick={() => onPin(!pinned)}
        >
          <Icon name={pinned ? 'chevron-left' : 'chevron-right'} size={20} />
          <span>{t('frame.unpin')}</span>
        </button>
      </Tooltip>
    </nav>
  )
}
