import { ActionIcon, Tooltip } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLinkState } from '#renderer/api/client.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { useTitle } from '#renderer/ui/use-title.ts'
import css from './full-screen.module.css'
import { useWakeLock } from './use-wake-lock.ts'

/** A dashboard over the whole screen, for a wall: the frame gives way to a clock and the state of the link. */
export function FullScreen({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useTranslation(['dashboards', 'common'])
  const site = useSite()
  const link = useLinkState()
  const navigate = useNavigate()
  useTitle(name)
  useWakeLock()
  const leave = useCallback(() => {
    if (document.fullscreenElement !== null) void document.exitFullscreen()
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, full: undefined }),
      replace: true,
    } as never)
  }, [navigate])
  useBrowserFullscreen(leave)
  return (
    <div className={css.full}>
      <header className={css.head}>
        <h1 className="ellipsis">{name}</h1>
        <span className="sub ellipsis">{site?.name}</span>
        <span className={css.link} role="status" data-link={link}>
          <StateMark mark={link === 'live' ? 'online' : link === 'lost' ? 'offline' : 'running'} size={20} />
          {t(`common:link.${link}.word`)}
        </span>
        <Clock />
        <Tooltip label={t('full.leave')} position="bottom-end">
          <ActionIcon variant="subtle" color="gray" aria-label={t('full.leave')} onClick={leave}>
            <Icon name="close" size={20} />
          </ActionIcon>
        </Tooltip>
      </header>
      {children}
    </div>
  )
}

function Clock() {
  const format = useFormat()
  const now = useNow()
  return (
    <time className={css.clock} dateTime={new Date(now).toISOString()} title={format.utc(now - (now % 1000))}>
      {format.shortDate(now)} <b>{format.clock(now)}</b>
    </time>
  )
}

/**
 * Asks the browser for the whole screen. It grants that only right after a click; else the page fills the window. Leaving
 * one leaves the other, and so does Escape.
 */
function useBrowserFullscreen(leave: () => void): void {
  const entered = useRef(false)
  useEffect(() => {
    document.documentElement.requestFullscreen?.({ navigationUI: 'hide' }).catch(() => {})
    const onChange = () => {
      if (document.fullscreenElement !== null) entered.current = true
      else if (entered.current) leave()
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) leave()
    }
    document.addEventListener('fullscreenchange', onChange)
    window.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('fullscreenchange', onChange)
      window.removeEventListener('keydown', onKey)
      if (document.fullscreenElement !== null) void document.exitFullscreen()
    }
  }, [leave])
}
