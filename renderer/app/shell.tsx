import { Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLinkState } from '../api/client.ts'
import { noteSiteTime } from '../api/site-clock.ts'
import { usePulse } from '../api/use-pulse.ts'
import { Toasts } from '../ui/toasts.tsx'
import { EngineNote, StoreNote } from './banners.tsx'
import { ClaimNews } from './claim-news.tsx'
import { Finder } from './finder.tsx'
import { Rail, useRailPinned } from './rail.tsx'
import { loadScreens } from './screens.ts'
import css from './shell.module.css'
import { StatusBar } from './status-bar.tsx'
import { TopBar } from './top-bar.tsx'

/** The first screen comes first: the others are fetched this long after it, in ms. */
const LOAD_AFTER = 2_000

/** The frame around every screen of a signed-in person. */
export function Shell() {
  const { t } = useTranslation('common')
  const [pinned, setPinned] = useRailPinned()
  const pulse = usePulse()
  const lost = useLinkState() === 'lost'
  const main = useFocusOnNavigation()
  const full = useFullScreen()
  useEffect(() => {
    const timer = setTimeout(() => void loadScreens(), LOAD_AFTER)
    return () => clearTimeout(timer)
  }, [])
  useEffect(() => {
    if (pulse !== undefined) noteSiteTime(pulse.now)
  }, [pulse])
  return (
    <div
      className={lost ? `${css.app} link-lost` : css.app}
      data-pinned={pinned || undefined}
      data-full={full || undefined}
    >
      <a className={css.skip} href="#main">
        {t('frame.skip')}
      </a>
      {!full && <TopBar />}
      {!full && <Rail pinned={pinned} onPin={setPinned} />}
      <main className={css.main} id="main" tabIndex={-1} ref={main}>
        <EngineNote />
        {pulse?.store === 'stalled' && <StoreNote cause={pulse.storeCause} />}
        <Outlet />
      </main>
      {!full && <StatusBar pulse={pulse} />}
      <Finder />
      <ClaimNews />
      <Toasts />
    </div>
  )
}

/** A dashboard on a wall (`?full`) has the screen to itself. */
function useFullScreen(): boolean {
  return useRouterState({
    select: ({ location }) => {
      const { full }: { full?: unknown } = location.search
      return location.pathname.startsWith('/dashboards/') && full !== undefined && full !== false
    },
  })
}

/** After a change of page the keyboard and the screen reader begin at its content, as after a page load. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const first = useRef(true)
  useEffect(() => {
    if (!first.current && !main.current?.contains(document.activeElement))
      main.current?.focus({ preventScroll: true })
    first.current = false
  }, [path])
  return main
}
