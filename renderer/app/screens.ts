/** Each screen is its own chunk. */
export const screens = {
  overview: () => import('../screens/overview/index.tsx'),
  fleet: () => import('../screens/fleet/index.tsx'),
  addGateway: () => import('../screens/add-gateway/index.tsx'),
  profiles: () => import('../screens/profiles/index.tsx'),
  importGateways: () => import('../screens/import-gateways/index.tsx'),
  gateway: () => import('../screens/gateway/index.tsx'),
  claims: () => import('../screens/claims/index.tsx'),
  label: () => import('../screens/label/index.tsx'),
  bench: () => import('../screens/bench/index.tsx'),
  benchRuns: () => import('../screens/bench/runs/index.ts'),
  benchMonitor: () => import('../screens/bench/monitor/index.tsx'),
  trends: () => import('../screens/trends/index.tsx'),
  dashboards: () => import('../screens/dashboards/index.tsx'),
  dashboard: () => import('../screens/dashboards/dashboard-screen.tsx'),
  certificates: () => import('../screens/certificates/index.tsx'),
  firmware: () => import('../screens/firmware/index.tsx'),
  cloud: () => import('../screens/cloud/index.tsx'),
  joinCloud: () => import('../screens/cloud/join/index.tsx'),
  doctor: () => import('../screens/doctor/index.tsx'),
  topics: () => import('../screens/topics/index.tsx'),
  administration: () => import('../screens/administration/index.tsx'),
  tenants: () => import('../screens/tenants/index.tsx'),
  users: () => import('../screens/users/index.tsx'),
  roles: () => import('../screens/roles/index.tsx'),
  apiKeys: () => import('../screens/api-keys/index.tsx'),
  mqttClients: () => import('../screens/mqtt-clients/index.tsx'),
  dialects: () => import('../screens/dialects/index.tsx'),
  audit: () => import('../screens/audit/index.tsx'),
  account: () => import('../screens/account/index.tsx'),
  settings: () => import('../screens/settings/index.tsx'),
}

/** Fetches the chunks of all screens, so that each opens at once, and even while the site cannot be reached. */
export async function loadScreens(): Promise<void> {
  await Promise.allSettled(Object.values(screens).map((load) => load()))
}
