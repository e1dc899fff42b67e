import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import type { Calendar, Network, SiteInfo } from '#contract/api/site.ts'
import type { HttpLimits } from '#contract/model/http-limits.ts'
import type { CallLimits, TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { PlantCalendar } from '#platform/calendar/calendar-spans.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { checkCalendar, defaultCalendar, plantCalendar } from './calendar.ts'
import { checkNetwork, defaultNetwork } from './network.ts'
import { readSetting, writeSetting } from './settings.repository.ts'

export interface SiteDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  calls: CallLimits
  dataDir: string
  version: string
  demo: boolean
  /** Ports and addresses given for this run by flag or environment; they win over what is saved. */
  overrides: { addresses?: string[]; ports?: Partial<Network['ports']> }
  /** Names or addresses changed: certificates follow at once. */
  onNamesChanged(network: Network): Promise<void>
}

/** What the site is: its name, and the network that it serves. */
export class SiteService {
  readonly #dependencies: SiteDependencies
  /** What is open of the MQTT listeners that a person turns on; the engine binds it. */
  mqttListeners: () => MqttListeners = () => ({ passwordMqtts: null, websocket: null })
  #name: string | null = null
  #network: Network = defaultNetwork
  #saved: Network = defaultNetwork
  /** Before ports that were asked for as 0 are known. */
  #asStarted: Network = defaultNetwork
  #startedAt = 0
  #calendar: Calendar = defaultCalendar()
  #plantCalendar: PlantCalendar = plantCalendar(this.#calendar)

  constructor(dependencies: SiteDependencies) {
    this.#dependencies = dependencies
  }

  async start(): Promise<void> {
    const { db, clock, calls } = this.#dependencies
    this.#startedAt = clock.now()
    this.#name = (await readSetting(db, 'site'))?.name ?? null
    this.#saved = (await readSetting(db, 'network')) ?? defaultNetwork
    this.#adoptNetwork(this.#saved)
    this.#adoptCalendar((await readSetting(db, 'calendar')) ?? defaultCalendar())
    calls.limits = (await readSetting(db, 'httpLimits')) ?? calls.limits
  }

  #adoptCalendar(calendar: Calendar): void {
    this.#calendar = calendar
    this.#plantCalendar = plantCalendar(calendar)
  }

  /** What is given for this run wins over what is saved. */
  #effective(saved: Network): Network {
    const { addresses, ports } = this.#dependencies.overrides
    return checkNetwork({
      addresses: addresses ?? saved.addresses,
      names: saved.names,
      ports: { ...saved.ports, ...ports },
    })
  }

  #adoptNetwork(saved: Network): void {
    this.#saved = saved
    this.#asStarted = this.#effective(saved)
    this.#network = this.#asStarted
  }

  isSetUp(): boolean {
    return this.#name !== null
  }

  name(): string | null {
    return this.#name
  }

  network(): Network {
    return this.#network
  }

  /** The ports that the listeners really have, where 0 asked for any. */
  listeningOn(ports: Partial<Network['ports']>): void {
    this.#network = { ...this.#network, ports: { ...this.#network.ports, ...ports } }
  }

  /** Part of the set-up's transaction; `adopt` makes it so in memory once that is on disk. */
  async saveIn(trx: SiteTrx, name: string, network: Network): Promise<void> {
    await writeSetting(trx, 'site', { name, setUpAt: this.#dependencies.clock.now() })
    await writeSetting(trx, 'network', network)
  }

  adopt(name: string, network: Network): void {
    this.#name = name
    this.#adoptNetwork(network)
  }

  /** What certificates must carry: the addresses of now, and those that the next start will listen on. */
  certificateNetwork(): Network {
    const next = this.#effective(this.#saved)
    return { ...this.#network, addresses: [...new Set([...this.#network.addresses, ...next.addresses])] }
  }

  /** Saves the network. Names and addresses enter the certificates at once; listeners follow at the next start. */
  async updateNetwork(asked: Network, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    const network = checkNetwork(asked)
    const before = this.#saved
    await db.transaction().execute(async (trx) => {
      await writeSetting(trx, 'network', network)
      await log.recordIn(trx, audit.about('site', 'network', null, { before, after: network }))
    })
    this.#saved = network
    this.#network = { ...this.#network, names: network.names }
    this.#asStarted = { ...this.#asStarted, names: network.names }
    await this.#dependencies.onNamesChanged(network)
  }

  calendar(): Calendar {
    return this.#calendar
  }

  /** The same, as spans are cut by it. */
  plantCalendar(): PlantCalendar {
    return this.#plantCalendar
  }

  /** @throws ExpectedError `calendar_invalid` */
  async updateCalendar(asked: Calendar, audit: AuditDraft): Promise<Calendar> {
    const { db, audit: log } = this.#dependencies
    const calendar = checkCalendar(asked)
    const before = this.#calendar
    await db.transaction().execute(async (trx) => {
      await writeSetting(trx, 'calendar', calendar)
      await log.recordIn(trx, audit.about('site', 'calendar', null, { before, after: calendar }))
    })
    this.#adoptCalendar(calendar)
    return calendar
  }

  httpLimits(): HttpLimits {
    return this.#dependencies.calls.limits
  }

  /** Counts from the next call on. */
  async updateHttpLimits(after: HttpLimits, audit: AuditDraft): Promise<HttpLimits> {
    const { db, calls, audit: log } = this.#dependencies
    const before = calls.limits
    await db.transaction().execute(async (trx) => {
      await writeSetting(trx, 'httpLimits', after)
      await log.recordIn(trx, audit.about('site', 'http-limits', null, { before, after }))
    })
    calls.limits = after
    return after
  }

  async info(scope: TenantScope): Promise<SiteInfo> {
    const { tenants, version, dataDir, demo } = this.#dependencies
    const rows = await tenants.list(scope)
    const next = this.#effective(this.#saved)
    const isSame = JSON.stringify(next) === JSON.stringify(this.#asStarted)
    return {
      name: this.#name ?? '',
      version,
      startedAt: new Date(this.#startedAt),
      // Where the site's files lie concerns those who run it.
      dataDir: scope.all ? dataDir : '',
      demo,
      network: this.#network,
      networkNext: isSame ? null : next,
      mqttListeners: this.mqttListeners(),
      tenants: rows.map(({ id, slug, name }) => ({ id, slug, name })),
    }
  }
}
