import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { openSiteDb } from '#platform/db/site-db.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import type { TestSite } from '#tests/fixtures/site.ts'
import { leaveBenchTraces } from './bench-traces.ts'
import { type Plant, trendView } from './procedure-inputs.ts'

/** A tenant's gateway in its group, with a reading, and one of everything that can be about them. */
export async function makePlant(
  site: TestSite,
  { tenantId, code, mac }: { tenantId: string; code: string; mac: string },
): Promise<Plant> {
  const made = await site.local.post('/api/v1/gateways/provision', {
    code,
    name: `name of ${code}`,
    mac_address: mac,
    tenant: tenantId,
  })
  const gatewayId = made.json.gateway_id
  const group = await site.local.post('/api/v1/groups', { tenant: tenantId, name: `hall of ${code}` })
  await site.local.post(`/api/v1/gateways/${gatewayId}/place`, { group: group.json.id })
  await site.engine.importReadings(gatewayId, [
    {
      channel: `channel.of.${code}`,
      kind: 'number',
      unit: null,
      ts: Date.now() - 1_000,
      value: 1,
      quality: 0,
    },
  ])
  const { id } = await eventually(
    async () => (await site.local.get(`/api/v1/channels?gateway=${code}`)).json.channels[0],
    'a channel',
  )
  const view = await site.local.post('/api/v1/views', { ...trendView(id), shared: true, tenant: tenantId })
  const annotation = await site.local.post('/api/v1/annotations', {
    from: Date.now(),
    text: `about ${code}`,
    channelIds: [id],
  })
  const calculation = await site.local.post('/api/v1/calculations', {
    tenant: tenantId,
    name: `of ${code}`,
    expression: `[${code}/channel.of.${code}] * 2`,
  })
  const job = await site.local.post('/api/v1/telemetry/exports', { gateways: [code], tenant: tenantId })
  const user = await site.local.post('/api/v1/users', { email: `of-${code}@plant.example`, tenant: tenantId })
  const role = await site.local.post('/api/v1/roles', {
    name: `of ${code}`,
    permissions: ['gateways:read'],
    tenant: tenantId,
  })
  const key = await site.local.post('/api/v1/api-keys', {
    name: `of ${code}`,
    scopes: ['gateways:read'],
    tenant: tenantId,
  })
  const client = await site.local.post('/api/v1/mqtt-clients', { name: `of ${code}`, tenant: tenantId })
  const command = await site.local.post(`/api/v1/gateways/${gatewayId}/commands`, {
    name: 'report',
    expiresIn: 3_600,
  })
  const profile = await site.local.post('/api/v1/profiles', { name: `of ${code}`, tenant: tenantId })
  const publisher = await site.local.post('/api/v1/firmware/publishers', {
    name: `of ${code}`,
    publicKey: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
    tenant: tenantId,
  })
  const wifi = await site.local.post('/api/v1/bench/wifi-networks', {
    ssid: `of ${code}`,
    password: '',
    tenant: tenantId,
  })
  const db = await openSiteDb(join(site.dataDir, 'site.sqlite'))
  const traces = await leaveBenchTraces(db, { tenantId, groupId: group.json.id })
  await db.destroy()
  return {
    tenantId,
    gateway: code,
    gatewayId,
    groupId: group.json.id,
    channelId: id,
    viewId: view.json.id,
    annotationId: annotation.json.id,
    calculationId: calculation.json.id,
    jobId: job.json.id,
    userId: user.json.user.id,
    roleId: role.json.id,
    apiKeyId: key.json.key.id,
    mqttClientId: client.json.client.id,
    profileId: profile.json.id,
    publisherId: publisher.json.id,
    commandId: command.json.id,
    wifiId: wifi.json.id,
    benchRunId: traces.runId,
    flashJobId: traces.jobId,
  }
}
