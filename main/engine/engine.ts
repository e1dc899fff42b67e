import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import type { Network } from '#contract/api/site.ts'
import type { SetupAnswers, SetupResult } from '#features/site/index.ts'
import type { LinkTimes } from '#features/sync/index.ts'
import type { TokenKeeper } from '#http/session-carriers.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { AppendedReading } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { SiteKeyOpeners } from '#platform/secrets/site-key.ts'

export interface EngineOptions {
  dataDir: string
  host: 'site' | 'desktop'
  log?: Log
  clock?: Clock
  /** False: no listeners and no broker, only the store, to set up or to look. */
  listen?: boolean
  /** Win over the saved settings for this run. */
  addresses?: string[]
  ports?: Partial<Network['ports']>
  /** MQTT listeners for passwords and WebSocket; null: off. */
  mqttListeners?: Partial<MqttListeners>
  /** What opens the site key where no key file does. On set-up, `external` and `passphrase` become slots of it. */
  siteKey?: SiteKeyOpeners
  /** A throw-away site that signs its visitor in on the loopback port. */
  demo?: boolean
  /** ms between the wish to delete a tenant and the deed, for tests and demos; 14 days where left out. */
  deletionGrace?: number
  /** What the link to the cloud waits for; tests have shorter times. */
  cloudTimes?: Partial<LinkTimes>
  /** Lets everyone at this machine open its USB ports; tests leave the machine as it is. */
  installUdevRule?: () => Promise<{ installed: boolean; command: string | null }>
  /** Bearer token for /metrics from other machines. */
  metricsToken?: string
  /** Folder of the built UI. */
  uiDir?: string
}

/** Where a running engine can be reached. */
export interface EngineAddresses {
  /** `https://10.0.0.5:8443`, the one to show first. */
  https: string[]
  /** `http://localhost:8442` */
  http: string | null
  /** `mqtts://10.0.0.5:8883` */
  mqtts: string[]
  deviceHttps: string[]
  socket: string | null
  /** Holds the token that callers of `socket` prove to know; null where the socket itself is closed to others. */
  tokenFile: string | null
  isSetUp: boolean
  /** For the person at the console, until the site is set up. */
  setupCode: string | null
  /** PEM of the web CA, for the desktop to pin; none before set-up. */
  webCaPem: string | null
  /** SHA-256 of the certificate that the HTTPS listeners show, lower-case hex. */
  certificateFingerprint: string | null
}

/** What is used of a desktop window's port, Electron's `MessagePortMain`. */
/** Of an engine that does not listen. */
export const nowhere: EngineAddresses = {
  https: [],
  http: null,
  mqtts: [],
  deviceHttps: [],
  socket: null,
  tokenFile: null,
  isSetUp: false,
  setupCode: null,
  webCaPem: null,
  certificateFingerprint: null,
}

export interface MessagePortLike {
  on(event: string, listener: (event?: { data: unknown }) => void): unknown
  postMessage(message: unknown): void
}

/** The broker, store, CA and API of one site, in one process. */
export interface Engine {
  /** @throws ExpectedError for everything that a person can put right: `data_in_use`, `port_in_use`, … */
  start(): Promise<EngineAddresses>
  /** Acknowledges or persists what is in flight, within ten seconds. */
  stop(): Promise<void>
  readonly addresses: EngineAddresses
  /** Sets the site up from inside the process, as the local site administrator. */
  setup(answers: SetupAnswers): Promise<SetupResult>
  /** Serves the contract over a desktop window's port; the keeper holds the window's session. */
  attachPort(port: MessagePortLike, keeper: TokenKeeper): void
  /** For imports and the demo: another tenant, and readings of a gateway from before. */
  createTenant(tenant: { slug: string; name: string }): Promise<{ id: string }>
  importReadings(gatewayId: string, readings: Omit<AppendedReading, 'assignmentId'>[]): Promise<void>
}
