import { randomUUID } from 'node:crypto'
import type { RestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import { freeCodes, localMac, placeOf } from '#simulator/fleet-plan.ts'
import { type GatewayCredentials, toCredentials } from '#simulator/gateway-credentials.ts'
import type { KeptGateways } from '#simulator/kept-gateways.ts'
import { given } from '../arguments.ts'

export interface FleetWish {
  count: number
  prefix: string
  tenant: string | undefined
  kept: KeptGateways | null
  signal: AbortSignal
}

/** Asked for at the same time: keys are made in one worker of the site, more would only wait there. */
const AT_ONCE = 4

/** Gateways with their keys: kept ones first, then new ones with the next free codes. */
export async function provisionFleet(client: RestClient, wish: FleetWish): Promise<GatewayCredentials[]> {
  const fleet = (await (wish.kept?.load() ?? [])).slice(0, wish.count)
  const missing = wish.count - fleet.length
  if (missing === 0) return fleet
  const codes = freeCodes(wish.prefix, missing, await takenCodes(client, wish))
  const made: GatewayCredentials[] = []
  let next = 0
  const provisionInTurn = async (): Promise<void> => {
    for (let index = next++; index < codes.length; index = next++) {
      wish.signal.throwIfAborted()
      const credentials = await provisionOne(client, codes[index] ?? '', fleet.length + index, wish.tenant)
      await wish.kept?.save(credentials)
      made[index] = credentials
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, provisionInTurn))
  return [...fleet, ...made]
}

async function provisionOne(
  client: RestClient,
  code: string,
  index: number,
  tenant: string | undefined,
): Promise<GatewayCredentials> {
  const { name } = placeOf(index)
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await client.gateways.provision(
        { code, name, mac_address: localMac(), ...given({ tenant }) },
        { context: { idempotencyKey: randomUUID() } },
      )
      return toCredentials(answer)
    } catch (error) {
      // 40 random bits meet now and then in a large fleet.
      if (attempt < 3 && error instanceof ExpectedError && error.code === 'mac_taken') continue
      throw error
    }
  }
}

/** Codes of the tenant that begin so. */
export async function takenCodes(
  client: RestClient,
  { prefix, tenant }: Pick<FleetWish, 'prefix' | 'tenant'>,
): Promise<Set<string>> {
  const codes = new Set<string>()
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<RestClient['gateways']['list']>> = await client.gateways.list({
      search: prefix,
      limit: 1_000,
      ...given({ tenant, after: after ?? undefined }),
    })
    for (const { code } of page.gateways) codes.add(code)
    after = page.next
  } while (after !== null)
  return codes
}
