import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { onSessionEnded, queryClient } from '../api/client.ts'
import { readError } from '../api/read-error.ts'
import { endSession, meQuery, setupQuery } from '../api/session.ts'
import { BlankFrame } from './blank-frame.tsx'
import { Crash } from './crash.tsx'
import { NotFound } from './not-found.tsx'
import { screens } from './screens.ts'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Outlet, errorComponent: Crash, notFoundComponent: NotFound })

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../screens/setup/index.tsx'), 'SetupScreen'),
  pendingComponent: BlankFrame,
})

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    typeof search.to === 'string' && isLocalPath(search.to) ? { to: search.to } : {},
  beforeLoad: async () => {
    const status = await queryClient.ensureQueryData(setupQuery)
    if (!status.done) throw redirect({ to: '/setup' })
  },
  component: lazyRouteComponent(() => import('../screens/login/index.tsx'), 'LoginScreen'),
  pendingComponent: BlankFrame,
})

/** Everything behind a sign-in, inside the frame. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    // Both are asked at once: together they decide what the person sees first.
    const [status, me] = await Promise.allSettled([
      queryClient.ensureQueryData(setupQuery),
      queryClient.ensureQueryData(meQuery),
    ])
    if (status.status === 'rejected') throw status.reason
    if (!status.value.done) throw redirect({ to: '/setup' })
    if (me.status === 'fulfilled') return
    if (readError(me.reason).code !== 'not_signed_in') throw me.reason
    throw redirect({ to: '/login', search: location.href === '/' ? {} : { to: location.href } })
  },
  validateSearch: (search: Record<string, unknown>): { tenant?: string } =>
    typeof search.tenant === 'string' ? { tenant: search.tenant } : {},
  // The tenant chosen in the top bar goes along to every screen.
  search: { middlewares: [retainSearchParams(['tenant'])] },
  component: Shell,
  pendingComponent: BlankFrame,
  pendingMs: 150,
})

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(screens.overview, 'OverviewScreen'),
})

const fleet = createRoute({
  getParentRoute: () => shell,
  path: '/fleet',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.fleet, 'FleetScreen'),
})

const addGateway = createRoute({
  getParentRoute: () => shell,
  path: '/fleet/add',
  component: lazyRouteComponent(screens.addGateway, 'AddGatewayScreen'),
})

const gateway = createRoute({
  getParentRoute: () => shell,
  path: '/gateways/$gatewayId',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.gateway, 'GatewayScreen'),
})

const trends = createRoute({
  getParentRoute: () => shell,
  path: '/trends',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.trends, 'TrendsScreen'),
})

const dashboards = createRoute({
  getParentRoute: () => shell,
  path: '/dashboards',
  component: lazyRouteComponent(screens.dashboards, 'DashboardsScreen'),
})

const dashboard = createRoute({
  getParentRoute: () => shell,
  path: '/dashboards/$dashboardId',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.dashboard, 'DashboardScreen'),
})

const certificates = createRoute({
  getParentRoute: () => shell,
  path: '/certificates',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.certificates, 'CertificatesScreen'),
})

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.settings, 'SettingsScreen'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    setup,
    login,
    shell.addChildren([
      overview,
      fleet,
      addGateway,
      gateway,
      trends,
      dashboards,
      dashboard,
      certificates,
      settings,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: Crash,
})

/** Only paths of this site: a crafted link must not lead elsewhere after the sign-in. */
function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path)
}

onSessionEnded(() => {
  const { pathname, href } = router.state.location
  if (pathname === '/login' || pathname === '/setup') return
  endSession()
  void router.navigate({ to: '/login', search: pathname === '/' ? {} : { to: href } })
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
