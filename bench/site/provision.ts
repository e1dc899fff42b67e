import { randomUUID } from 'node:crypto'
import type { RestClient } from '#client/rest-client.ts'
import { localMac } from '#simulator/fleet-plan.ts'
import { say } from '../figure.ts'
import type { LoadGateway } from '../load/load-protocol.ts'

/** What a benchmark sends is not what limits are for: docs/limits.md. */
export async function liftLimits(client: RestClient): Promise<void> {
  const quotas = { gateways: 1_000_000, messagesPerHour: 1_000_000_000, gatewayMessagesPerSecond: 100_000 }
  for (const { id } of (await client.tenants.list()).tenants)
    await client.tenants.limit({ tenant: id, quotas })
}

/** Gateways through the API, a few at a time. @returns them with their keys, and ms of each call made alone */
export async function provisionGateways(
  client: RestClient,
  count: number,
  { atOnce = 4, from = 1, key = 'ec' }: { atOnce?: number; from?: number; key?: 'ec' | 'rsa' } = {},
): Promise<{ gateways: LoadGateway[]; times: number[] }> {
  await liftLimits(client)
  const gateways: LoadGateway[] = []
  const times: number[] = []
  let next = 0
  async function provisionInTurn(): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      const startedAt = performance.now()
      const made = await client.gateways.provision(
        {
          code: `B${String(from + index).padStart(6, '0')}`,
          name: `Bench ${from + index}`,
          mac_address: localMac(),
          key_algorithm: key,
        },
        { context: { idempotencyKey: randomUUID() } },
      )
      times.push(performance.now() - startedAt)
      const { certificate_pem: certificate, private_key_pem: privateKey } = made
      if (certificate === null || privateKey === null) throw new Error(`${made.code} has no certificate`)
      gateways[index] = {
        clientId: made.mqtt_client_id,
        topic: made.mqtt_topic,
        certificate,
        privateKey,
      }
      if (count >= 1_000 && (index + 1) % 1_000 === 0) say(`  ${index + 1} of ${count} gateways provisioned`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, provisionInTurn))
  return { gateways, times }
}
