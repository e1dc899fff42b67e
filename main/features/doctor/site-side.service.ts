import { connect } from 'node:net'
import { gatewayRenewalDueAt } from '#contract/model/certificate.ts'
import type { SiteSide } from '#contract/model/doctor.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Doors } from './case.ts'
import type { ClockWatch } from './clock-watch.ts'
import { firewallHints, type Machine, timeService } from './machine-hints.ts'

type Port = SiteSide['ports'][number]

export interface SiteSideDependencies {
  clock: Clock
  watch: ClockWatch
  machine: Machine
  doors(): Promise<Doors & { fingerprint: string }>
  /** Of this machine. */
  machineAddresses(): { address: string; interface: string; kind: 'lan' | 'loopback' }[]
  /** Those that are open; null: turned off. */
  ports(): { listener: Port['listener']; port: number | null }[]
  timeZone(): string
  stalledSince(): number | null
}

/** Of one connection to itself, ms. */
const PATIENCE = 500
const LOOPBACK = /^(127\.|::1$|localhost$)/
/** What does not keep a gateway out by itself. */
const hints: ReadonlySet<string> = new Set([
  'firewall_active',
  'clock_not_synchronized',
  'certificate_ends_soon',
])

/** The site's own side of a connection, as far as it can be seen without more rights. */
export class SiteSideService {
  readonly #dependencies: SiteSideDependencies

  constructor(dependencies: SiteSideDependencies) {
    this.#dependencies = dependencies
  }

  async look(): Promise<SiteSide> {
    const { clock, watch, machine, machineAddresses, timeZone } = this.#dependencies
    const doors = await this.#dependencies.doors()
    const now = clock.now()
    const addresses = machineAddresses().map((one) => ({ ...one, named: doors.names.includes(one.address) }))
    const ports = await this.#ports(addresses.map(({ address }) => address))
    const open = ports.flatMap(({ port, listener }) => (port === null || listener === 'http' ? [] : [port]))
    const firewalls = await firewallHints(machine, open)
    const time = await timeService(machine)
    const side: Omit<SiteSide, 'problems' | 'healthy'> = {
      at: new Date(now),
      hosts: doors.hosts,
      addresses,
      ports,
      certificate: {
        names: doors.names,
        notBefore: new Date(doors.notBefore),
        notAfter: new Date(doors.notAfter),
        fingerprint: doors.fingerprint,
      },
      firewalls,
      clock: {
        now: new Date(now),
        timeZone: timeZone(),
        jumps: watch.jumps.map(({ at, by }) => ({ at: new Date(at), by })),
        ...time,
      },
    }
    const problems = this.#problems(side, doors)
    return { ...side, problems, healthy: problems.every((problem) => hints.has(problem)) }
  }

  #problems(side: Omit<SiteSide, 'problems' | 'healthy'>, doors: Doors): SiteSide['problems'] {
    const { clock, stalledSince } = this.#dependencies
    const broker = side.ports.find(({ listener }) => listener === 'mqtts')
    const found: [SiteSide['problems'][number], boolean][] = [
      ['listener_closed', broker !== undefined && broker.answers.length === 0],
      ['store_stalled', stalledSince() !== null],
      ['loopback_only', doors.addresses.every((address) => LOOPBACK.test(address))],
      ['address_not_in_certificate', doors.hosts.some((host) => !doors.names.includes(host.toLowerCase()))],
      ['clock_jumped', side.clock.jumps.length > 0],
      ['clock_not_synchronized', side.clock.synchronized === false],
      ['certificate_ends_soon', gatewayRenewalDueAt(doors.notAfter) <= clock.now()],
      ['firewall_active', side.firewalls.some(({ active }) => active === true)],
    ]
    return found.flatMap(([problem, isThere]) => (isThere ? [problem] : []))
  }

  #ports(addresses: readonly string[]): Promise<Port[]> {
    return Promise.all(
      this.#dependencies.ports().map(async ({ listener, port }) => {
        if (port === null) return { listener, port, answers: [], silent: [] }
        const heard = await Promise.all(
          addresses.map(async (address) => ({ address, ok: await answers(address, port) })),
        )
        const those = (ok: boolean) => heard.filter((one) => one.ok === ok).map(({ address }) => address)
        return { listener, port, answers: those(true), silent: those(false) }
      }),
    )
  }
}

/** Whether a connection to an address of this machine opens. */
function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: PATIENCE })
    const end = (opened: boolean) => () => {
      resolve(opened)
      socket.destroy()
    }
    socket.once('connect', end(true))
    socket.once('error', end(false))
    socket.once('timeout', end(false))
  })
}
