import type { Broker } from '#broker/port.ts'
import type { Procedures } from '#features/access/index.ts'
import {
  ClockWatch,
  createDoctorRouter,
  DoctorService,
  type Doors,
  SelfTestService,
  SiteSideService,
} from '#features/doctor/index.ts'
import type { BrokerDirectory, WireGateway } from '#features/enrollment/index.ts'
import type { FleetService, FleetState, PresenceRecorder } from '#features/fleet/index.ts'
import type { LimitsService } from '#features/limits/index.ts'
import type { SiteVitals } from '#features/overview/index.ts'
import { certificateByFingerprint, type Pki } from '#features/pki/index.ts'
import { machineAddresses, type SiteService } from '#features/site/index.ts'
import type { WrongPort } from '#http/wrong-port.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'

export interface DoctorServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  site: SiteService
  pki: Pki
  broker: Pick<Broker, 'connections'>
  fleet: FleetService
  state: FleetState
  presence: PresenceRecorder
  limits: LimitsService
  vitals: SiteVitals
  enrolling: { directory: BrokerDirectory }
}

/** The connection doctor: what it looks at, and the site's own side. */
export function createDoctorServices(dependencies: DoctorServicesDependencies, procedures: Procedures) {
  const { db, clock, log, site, pki, broker, presence, vitals, enrolling } = dependencies
  const { directory } = enrolling
  const stalledSince = () => vitals.stall()?.since ?? null
  const doors = async (): Promise<Doors & { fingerprint: string }> => {
    const { ports, addresses } = site.network()
    return {
      hosts: directory.hosts(),
      addresses,
      mqtts: ports.mqtts,
      password: site.mqttListeners().passwordMqtts,
      https: ports.https,
      deviceHttps: ports.deviceHttps,
      ...(await pki.brokerCertificate()),
    }
  }
  const shared = { ...dependencies, stalledSince, doors, wireOf: wireOf(directory) }
  const watch = new ClockWatch(() => clock.now())
  const doctor = new DoctorService({ ...shared, connections: () => broker.connections() })
  const selfTest = new SelfTestService(shared)
  const siteSide = new SiteSideService({
    ...shared,
    watch,
    machine: { platform: process.platform, root: '/' },
    machineAddresses,
    ports: () => portsOf(site),
    timeZone: () => site.calendar().timeZone,
  })
  return {
    watch,
    router: createDoctorRouter(procedures, { doctor, selfTest, siteSide, presence }),
    /** A box spoke MQTT to a port of HTTP. */
    wrongPort: ({ address, fingerprint, evidence }: WrongPort): void => {
      const note = async (): Promise<void> => {
        const owner = fingerprint === null ? undefined : await certificateByFingerprint(db, fingerprint)
        presence.refused({
          at: clock.now(),
          reason: 'wrong_port',
          address,
          gatewayId: owner?.gatewayId ?? null,
          fingerprint,
          clientId: null,
          topic: null,
          detail: null,
          evidence: { cipher: null, clock: null, certificate: null, ...evidence },
          count: 1,
        })
      }
      note().catch((err: unknown) => log.error({ err }, 'a connection to a wrong port was not noted'))
    },
  }
}

function wireOf(directory: BrokerDirectory) {
  return (gateway: WireGateway) => {
    const { topics } = directory.wiringOf(gateway)
    const those = (direction: 'to_site' | 'to_gateway') =>
      topics.filter((one) => one.direction === direction).map(({ topic }) => topic)
    return {
      clientId: directory.clientIdOf(gateway),
      username: directory.usernameOf(gateway),
      publish: those('to_site'),
      subscribe: those('to_gateway'),
    }
  }
}

function portsOf(site: SiteService) {
  const { http, https, deviceHttps, mqtts } = site.network().ports
  const { passwordMqtts, websocket } = site.mqttListeners()
  return [
    { listener: 'mqtts' as const, port: mqtts },
    { listener: 'password' as const, port: passwordMqtts },
    { listener: 'websocket' as const, port: websocket },
    { listener: 'device_https' as const, port: deviceHttps },
    { listener: 'https' as const, port: https },
    { listener: 'http' as const, port: http },
  ]
}
