import { randomBytes, randomUUID } from 'node:crypto'
import { createRestClient, type RestClient } from '#client/rest-client.ts'
import type { Engine } from '#engine/engine.ts'
import { channelsOf, localMac, placeOf } from '#simulator/fleet-plan.ts'
import { type GatewayCredentials, toCredentials } from '#simulator/gateway-credentials.ts'
import type { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import { letBoxesKnock } from './demo-boxes.ts'
import { failPower, knockWithWrongName, liveGateway, suspend } from './demo-gateways.ts'
import { writeHistory } from './demo-history.ts'
import { invitePeople, makeGroups } from './demo-people.ts'
import { DEMO_SITE, type DemoGateway, demoChannels, demoTenants } from './demo-plan.ts'

const HOUR = 3_600_000

export interface DemoPlantOptions {
  /** Started with `demo: true`, not set up. */
  engine: Pick<Engine, 'setup' | 'createTenant' | 'importReadings' | 'addresses'>
  now: () => number
  /** Told when something of the plant fails: the demo goes on with the rest. */
  onTrouble: (what: string, error: unknown) => void
}

/** Sets the throw-away site up and fills it with a plant that lives. */
export class DemoPlant {
  readonly #options: DemoPlantOptions
  readonly #gateways: SimulatedGateway[] = []
  readonly #end = new AbortController()
  #background: Promise<unknown> = Promise.resolve()

  constructor(options: DemoPlantOptions) {
    this.#options = options
  }

  /** Resolves once the gateways are on their way; their history and their troubles follow within seconds. */
  async start(): Promise<void> {
    const { engine } = this.#options
    await engine.setup({
      siteName: DEMO_SITE,
      // Nobody signs in with it: the loopback page of a demo needs no password.
      admin: {
        email: 'demo@millwright.example',
        name: 'Demo',
        password: randomBytes(24).toString('base64url'),
      },
      addresses: ['127.0.0.1'],
      names: [],
    })
    const client = demoClient(engine)
    const [own, second] = demoTenants
    const [first] = (await client.tenants.list()).tenants
    await engine.createTenant({ slug: second.slug, name: second.name })
    const tenants = await Promise.all(
      [{ ...own, slug: first?.slug ?? own.slug }, second].map(async (tenant) => ({
        ...tenant,
        ids: await makeGroups(client, tenant.slug, tenant.groups),
      })),
    )
    const plan = tenants.flatMap(({ slug, gateways, groups, ids }) =>
      gateways.map((gateway) => {
        const [path = ''] = groups.find(([, codes]) => codes.includes(gateway.code)) ?? []
        return { gateway, tenant: slug, group: ids.get(path) }
      }),
    )
    const made = await Promise.all(
      plan.map(async ({ gateway, tenant, group }) => ({
        gateway,
        credentials: await provision(client, gateway, { tenant, group }),
      })),
    )
    await invitePeople(
      client,
      tenants.map(({ slug, ids }) => ({ slug, groups: ids })),
    ).catch((error: unknown) => this.#options.onTrouble('people', error))
    for (const { gateway, credentials } of made) this.#bringUp(client, gateway, credentials)
    this.#background = Promise.all([
      this.#writeHistories(made),
      this.#letBoxesKnock(client, tenants[0]?.slug),
    ])
  }

  /** Disconnects every gateway; resolves when nothing of the plant runs. */
  async stop(): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#gateways.map((gateway) => gateway.stop()))
    await this.#background
  }

  /** Whatever a visitor claims comes to life. */
  async #letBoxesKnock(client: RestClient, tenant: string | undefined): Promise<void> {
    const { engine, now, onTrouble } = this.#options
    const [origin] = engine.addresses.deviceHttps
    if (origin === undefined || tenant === undefined) return
    const { signal } = this.#end
    let place = 0
    try {
      const ca = await (await fetch(new URL('/pki/ca.crt', engine.addresses.http ?? ''))).text()
      const onEnrolled = (credentials: GatewayCredentials): void => {
        const channels = channelsOf(placeOf(place++).meters, credentials.code)
        const box = liveGateway(credentials, channels, now)
        this.#gateways.push(box)
        box.start()
      }
      await letBoxesKnock({ client, tenant, door: { origin, ca }, signal, onEnrolled, onTrouble })
    } catch (error) {
      onTrouble('boxes that knock', error)
    }
  }

  #bringUp(client: RestClient, gateway: DemoGateway, credentials: GatewayCredentials): void {
    const { signal } = this.#end
    const tell = (error: unknown): void => this.#options.onTrouble(gateway.code, error)
    if (gateway.trouble === 'refused') {
      knockWithWrongName(credentials, signal).catch(tell)
      return
    }
    const box = liveGateway(credentials, demoChannels(gateway), this.#options.now)
    this.#gateways.push(box)
    if (gateway.trouble === 'offline') failPower(box, signal).catch(tell)
    else if (gateway.trouble === 'suspended') suspend(box, client, signal).catch(tell)
    else box.start()
  }

  async #writeHistories(made: { gateway: DemoGateway; credentials: GatewayCredentials }[]): Promise<void> {
    const { engine, now, onTrouble } = this.#options
    for (const { gateway, credentials } of made) {
      if (this.#end.signal.aborted) return
      if (gateway.trouble === 'refused') continue
      const until = gateway.trouble === null ? now() : now() - 2 * HOUR
      await writeHistory(engine, credentials.gatewayId, demoChannels(gateway), until).catch(
        (error: unknown) => onTrouble(gateway.code, error),
      )
    }
  }
}

/** The demo's visitor is signed in on the loopback port, and so is the demo itself. */
function demoClient({ addresses }: Pick<Engine, 'addresses'>): RestClient {
  if (addresses.http === null) throw new Error('a demo needs its loopback port')
  return createRestClient(addresses.http, fetch)
}

async function provision(
  client: RestClient,
  gateway: DemoGateway,
  { tenant, group }: { tenant: string; group: string | undefined },
): Promise<GatewayCredentials> {
  const { code, name } = gateway
  const answer = await client.gateways.provision(
    { code, name, tenant, ...(group !== undefined && { group }), mac_address: localMac() },
    { context: { idempotencyKey: randomUUID() } },
  )
  return toCredentials(answer)
}
