import { setTimeout as sleep } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import type { SelfTest } from '#contract/model/doctor.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { FleetService, PresenceRecorder } from '#features/fleet/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Doors, GatewayRow } from './case.ts'
import { type PlayedGateway, testRoute } from './self-test.ts'

export interface SelfTestDependencies {
  clock: Clock
  fleet: FleetService
  presence: Pick<PresenceRecorder, 'probeRefused'>
  pki: Pki
  doors(): Promise<Doors>
  wireOf(gateway: GatewayRow): {
    clientId: string
    username: string | null
    publish: string[]
    subscribe: string[]
  }
}

/** Names and addresses that are tried. */
const ROUTES = 8
/** How long the broker's reason is waited for, ms. */
const REASON = 1_000

/** Plays a gateway against the site's own broker, over real TLS. */
export class SelfTestService {
  readonly #dependencies: SelfTestDependencies

  constructor(dependencies: SelfTestDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `not_found`, `self_test_running` */
  async run(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined },
    audit: AuditDraft,
  ): Promise<SelfTest> {
    const { clock, fleet, pki, doors } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    const { hosts, mqtts, password } = await doors()
    const limited =
      gateway.credential === 'secret' ? 'secret' : gateway.assignmentId === null ? 'unclaimed' : null
    const port = limited === 'secret' ? (password ?? 0) : mqtts
    const ca = await pki.caPem()
    const test = (play: PlayedGateway | null): Promise<SelfTest['routes']> =>
      Promise.all(hosts.slice(0, ROUTES).map((host) => testRoute({ host, port, ca, play })))
    const routes = limited === null ? await this.#played(gateway, audit, test) : await test(null)
    const passed = !routes.some(failed)
    audit.details = { ...audit.details, passed }
    const { id, code } = gateway
    return { at: new Date(clock.now()), passed, gateway: { id, code }, limited, routes }
  }

  /** With a certificate that counts while this runs. */
  async #played(
    gateway: GatewayRow,
    audit: AuditDraft,
    test: (play: PlayedGateway) => Promise<SelfTest['routes']>,
  ): Promise<SelfTest['routes']> {
    const { clock, fleet, pki, presence, wireOf } = this.#dependencies
    const { id, mac, code, credential } = gateway
    if (fleet.isProbed(id)) throw new ExpectedError('self_test_running', { code })
    const probe = await pki.makeProbeCertificate({ gatewayId: id, mac, now: clock.now() })
    const { serial, fingerprint } = probe
    audit.details = { ...audit.details, serial, fingerprint }
    if (!(await fleet.beginProbe(id, fingerprint))) throw new ExpectedError('self_test_running', { code })
    let refused: string | null = null
    const told = new AbortController()
    const stop = presence.probeRefused.subscribe((refusal) => {
      if (refusal.fingerprint !== fingerprint) return
      refused = refusal.reason
      told.abort()
    })
    const { clientId, username, publish, subscribe } = wireOf(gateway)
    const isBoth = credential === 'both'
    try {
      const routes = await test({
        clientId,
        username: isBoth ? username : null,
        password: isBoth ? fingerprint : null,
        publish: topicFor(publish),
        subscribe: topicFor(subscribe),
        certificate: probe.certificatePem,
        key: probe.privateKeyPem,
      })
      // The broker closes first and tells why a moment later.
      if (routes.some(failed)) await sleep(REASON, undefined, { signal: told.signal }).catch(() => undefined)
      return routes.map((route) => withReason(route, refused))
    } finally {
      stop()
      try {
        await fleet.endProbe(id)
      } finally {
        await pki.refreshCrlIfDue(clock.now())
      }
    }
  }
}

/** The first that is no pattern, else the first with a name in its open places; null where any number of levels is open. */
function topicFor(topics: readonly string[]): string | null {
  const plain = topics.find((topic) => !/[+#{]/.test(topic)) ?? topics.find((topic) => !/[+#]/.test(topic))
  return plain?.replaceAll(/\{[^}]*\}/g, '1') ?? null
}

function failed({ steps }: SelfTest['routes'][number]): boolean {
  return steps.some(({ result }) => result === 'failed')
}

/** The broker knows better than a return code why it refused. */
function withReason(route: SelfTest['routes'][number], reason: string | null): SelfTest['routes'][number] {
  const steps = route.steps.map((one) =>
    one.result === 'failed' && reason !== null && one.step !== 'tcp' && one.step !== 'certificate'
      ? { ...one, detail: `${one.detail ?? ''} (${reason})` }
      : one,
  )
  return { ...route, steps }
}
