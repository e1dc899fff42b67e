import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { isErrorCode } from '#contract/errors.ts'
import { onSessionEnded, queryClient } from '../api/client.ts'
import { readError } from '../api/read-error.ts'
import { endSession, meQuery, setupQuery } from '../api/session.ts'
import { sectionsFor } from '../screens/administration/sections.ts'
import { BlankFrame } from './blank-frame.tsx'
import { Crash } from './crash.tsx'
import { Gate } from './gate.tsx'
import { NotFound } from './not-found.tsx'
import { screens } from './screens.ts'

/**
 * Who has no session of their own narrows every screen by the tenant in the address, so it goes along. People act in a
 * tenant by their session.
 */
function keepTenant({ search, next }: { search: { tenant?: string }; next(search: object): object }) {
  const after = next(search)
  const isPerson = queryClient.getQueryData(meQuery.queryKey)?.kind === 'person'
  return isPerson || search.tenant === undefined || 'tenant' in after
    ? after
    : { ...after, tenant: search.tenant }
}

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
  validateSearch: loginSearch,
  beforeLoad: async () => {
    const status = await queryClient.ensureQueryData(setupQuery)
    if (!status.done) throw redirect({ to: '/setup' })
  },
  component: lazyRouteComponent(() => import('../screens/login/index.tsx'), 'LoginScreen'),
  pendingComponent: BlankFrame,
})

const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  component: lazyRouteComponent(() => import('../screens/login/register-screen.tsx'), 'RegisterScreen'),
  pendingComponent: BlankFrame,
})

/** Where a link of an administrator leads; for those who are signed in as well. */
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../screens/accept-invitation/index.tsx'), 'InvitationScreen'),
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
    typeof search['tenant'] === 'string' ? { tenant: search['tenant'] } : {},
  search: { middlewares: [keepTenant] },
  component: Gate,
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

const profiles = createRoute({
  getParentRoute: () => shell,
  path: '/fleet/profiles',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.profiles, 'ProfilesScreen'),
})

const importGateways = createRoute({
  getParentRoute: () => shell,
  path: '/fleet/import',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.importGateways, 'ImportGatewaysScreen'),
})

const gateway = createRoute({
  getParentRoute: () => shell,
  path: '/gateways/$gatewayId',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.gateway, 'GatewayScreen'),
})

const claims = createRoute({
  getParentRoute: () => shell,
  path: '/claims',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.claims, 'ClaimsScreen'),
})

const bench = createRoute({
  getParentRoute: () => shell,
  path: '/bench',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.bench, 'BenchScreen'),
})

const benchRuns = createRoute({
  getParentRoute: () => shell,
  path: '/bench/runs',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.benchRuns, 'PastRunsScreen'),
})

const benchRun = createRoute({
  getParentRoute: () => shell,
  path: '/bench/runs/$runId',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.benchRuns, 'ResultListScreen'),
})

/** By the port's name: a path has slashes. */
const benchMonitor = createRoute({
  getParentRoute: () => shell,
  path: '/bench/monitor/$port',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.benchMonitor, 'MonitorScreen'),
})

/** Where the QR code of a printed label leads. */
const label = createRoute({
  getParentRoute: () => shell,
  path: '/label/$label',
  component: lazyRouteComponent(screens.label, 'LabelScreen'),
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

const firmware = createRoute({
  getParentRoute: () => shell,
  path: '/firmware',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.firmware, 'FirmwareScreen'),
})

const cloud = createRoute({
  getParentRoute: () => shell,
  path: '/cloud',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.cloud, 'CloudScreen'),
})

const joinCloud = createRoute({
  getParentRoute: () => shell,
  path: '/cloud/join',
  component: lazyRouteComponent(screens.joinCloud, 'JoinCloudScreen'),
})

const doctor = createRoute({
  getParentRoute: () => shell,
  path: '/doctor',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.doctor, 'DoctorScreen'),
})

const topics = createRoute({
  getParentRoute: () => shell,
  path: '/topics',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.topics, 'TopicsScreen'),
})

/** Users, roles and all that: its sections are routes below it. */
const admin = createRoute({
  getParentRoute: () => shell,
  path: '/admin',
  component: lazyRouteComponent(screens.administration, 'AdministrationLayout'),
})

const adminStart = createRoute({
  getParentRoute: () => admin,
  path: '/',
  beforeLoad: () => {
    const [first] = sectionsFor(queryClient.getQueryData(meQuery.queryKey))
    throw redirect({ to: (first?.to ?? '/') as '/' })
  },
})

const tenants = createRoute({
  getParentRoute: () => admin,
  path: '/tenants',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.tenants, 'TenantsScreen'),
})

const users = createRoute({
  getParentRoute: () => admin,
  path: '/users',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.users, 'UsersScreen'),
})

const roles = createRoute({
  getParentRoute: () => admin,
  path: '/roles',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.roles, 'RolesScreen'),
})

const apiKeys = createRoute({
  getParentRoute: () => admin,
  path: '/api-keys',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.apiKeys, 'ApiKeysScreen'),
})

const mqttClients = createRoute({
  getParentRoute: () => admin,
  path: '/mqtt-clients',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.mqttClients, 'MqttClientsScreen'),
})

const dialects = createRoute({
  getParentRoute: () => admin,
  path: '/dialects',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.dialects, 'DialectsScreen'),
})

const audit = createRoute({
  getParentRoute: () => admin,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>) => search,
  component: lazyRouteComponent(screens.audit, 'AuditScreen'),
})

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(screens.account, 'AccountScreen'),
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
    register,
    invitation,
    shell.addChildren([
      overview,
      fleet,
      addGateway,
      importGateways,
      profiles,
      gateway,
      claims,
      bench,
      benchRuns,
      benchRun,
      benchMonitor,
      label,
      trends,
      dashboards,
      dashboard,
      topics,
      doctor,
      certificates,
      firmware,
      cloud,
      joinCloud,
      admin.addChildren([adminStart, tenants, users, roles, apiKeys, mqttClients, dialects, audit]),
      account,
      settings,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: Crash,
})

/** The page that was asked for; and with which code signing in elsewhere failed. */
function loginSearch(search: Record<string, unknown>): { to?: string; error?: string; seconds?: number } {
  const { to, error, seconds } = search
  return {
    ...(typeof to === 'string' && isLocalPath(to) && { to }),
    ...(typeof error === 'string' && isErrorCode(error) && { error }),
    ...(typeof seconds === 'number' && { seconds }),
  }
}

/** Only paths of this site: a crafted link must not lead elsewhere after the sign-in. */
function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path)
}

onSessionEnded(() => {
  const { pathname, href } = router.state.location
  if (['/login', '/setup', '/register', '/invitation'].includes(pathname)) return
  endSession()
  void router.navigate({ to: '/login', search: pathname === '/' ? {} : { to: href } })
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
