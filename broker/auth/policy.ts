import { DialectBook } from '#broker/dialects/dialect-book.ts'
import { Tenants } from '#broker/limits/tenants.ts'
import type { Identity, MqttClientIdentity, PolicyChange } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'
import { assertNever } from '#contract/errors.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import { Gateway } from './gateway.ts'
import { MqttClient } from './mqtt-client.ts'
import { SignInNames } from './sign-in-names.ts'
import { TopicIndex } from './topic-index.ts'

/** Whom a connection belongs to. */
export type Peer = Gateway | MqttClient

export type Admission =
  | { admitted: true; peer: Peer; probe: boolean }
  | { admitted: false; reason: RefusalReason; peer: Peer | null; detail: string | null }

/** Why someone known may not connect now. */
export type Standing =
  | 'gateway_suspended'
  | 'gateway_revoked'
  | 'client_suspended'
  | 'client_unknown'
  | 'certificate_unknown'
  | 'tenant_suspended'
  | 'password_gateways_off'

/**
 * Who may connect, in memory: the engine sends it whole at start and every change after. Asked at each handshake
 * and again at CONNECT, for a credential may have been revoked in between.
 */
export class Policy {
  /** Counts changes: what was derived from the policy is derived anew. */
  version = 0
  readonly dialects = new DialectBook()
  readonly topics = new TopicIndex(() => this.dialects.roots)
  readonly tenants: Tenants
  private readonly gateways = new Map<string, Gateway>()
  private readonly clients = new Map<string, MqttClient>()
  private readonly byFingerprint = new Map<string, Peer>()
  private readonly byWireName = new Map<string, Gateway>()
  private readonly signInNames = new SignInNames()

  /** @param now ms since 1970: the quota of a tenant is that of an hour */
  constructor(now: () => number = Date.now) {
    this.tenants = new Tenants(now)
  }

  /** @returns whom the change is about, if they were or are known */
  apply(change: PolicyChange): Peer[] {
    this.version += 1
    switch (change.op) {
      case 'put':
        return [this.putGateway(change.identity)]
      case 'remove':
        return this.removeGateway(change.gatewayId)
      case 'put_client':
        return [this.putClient(change.client)]
      case 'remove_client':
        return this.removeClient(change.clientId)
      case 'put_tenant':
        this.tenants.put(change.tenant)
        return [...this.ofTenant(change.tenant.tenantId)]
      case 'remove_tenant':
        this.tenants.remove(change.tenantId)
        return [...this.ofTenant(change.tenantId)]
      case 'put_dialect':
        this.dialects.put(change.dialect)
        return this.renameAll()
      case 'remove_dialect':
        this.dialects.remove(change.name)
        return this.renameAll()
      default:
        return assertNever(change)
    }
  }

  find(gatewayId: string): Gateway | undefined {
    return this.gateways.get(gatewayId)
  }

  findClient(clientId: string): MqttClient | undefined {
    return this.clients.get(clientId)
  }

  /** Whoever signs in with this user name: at most one, where names do not collide. */
  findByUsername(username: string): Peer[] {
    return this.signInNames.find(username)
  }

  /** By the MQTT client id that its sessions are kept under. */
  findByWireName(wireName: string): Gateway | undefined {
    return this.byWireName.get(wireName)
  }

  /** Whose a kept session is: a gateway's wire name, or `<client record>/<id as sent>`. */
  findBySessionId(sessionId: string): Peer | undefined {
    const slash = sessionId.indexOf('/')
    return slash === -1 ? this.byWireName.get(sessionId) : this.clients.get(sessionId.slice(0, slash))
  }

  /** The connection past CONNECT whose session is kept under this id. */
  liveSession(sessionId: string): Session | null {
    const peer = this.findBySessionId(sessionId)
    return (peer?.kind === 'client' ? peer.live.get(sessionId) : peer?.live) ?? null
  }

  /** Everyone who is known, connected or not. */
  *all(): Iterable<Peer> {
    yield* this.gateways.values()
    yield* this.clients.values()
  }

  allGateways(): Iterable<Gateway> {
    return this.gateways.values()
  }

  /** @param fingerprint SHA-256 of the certificate, lower-case hex */
  admit(fingerprint: string): Admission {
    const peer = this.byFingerprint.get(fingerprint)
    if (!peer) return { admitted: false, reason: 'certificate_unknown', peer: null, detail: null }
    const refusal = this.standing(peer)
    if (refusal) return { admitted: false, reason: refusal, peer, detail: null }
    if (peer.kind === 'gateway' && peer.identity.credential === 'secret') {
      const detail = 'this gateway comes with a secret'
      return { admitted: false, reason: 'certificate_revoked', peer, detail }
    }
    const certificate = peer.identity.certificates.find((known) => known.fingerprint === fingerprint)
    if (certificate?.state !== 'active') {
      const detail = certificate?.state ?? null
      return { admitted: false, reason: 'certificate_revoked', peer, detail }
    }
    return { admitted: true, peer, probe: certificate.probe === true }
  }

  /** Whether the gateway or client as such may connect, whatever it shows. */
  standing(peer: Peer): Standing | null {
    if (peer.kind === 'client') {
      if (this.clients.get(peer.id) !== peer) return 'client_unknown'
      return peer.identity.access === 'suspended' ? 'client_suspended' : this.standingOfTenant(peer)
    }
    if (this.gateways.get(peer.id) !== peer) return 'certificate_unknown'
    switch (peer.identity.access) {
      case 'suspended':
        return 'gateway_suspended'
      case 'revoked':
        return 'gateway_revoked'
      case 'allowed':
        return this.standingOfTenant(peer) ?? this.standingOfSecret(peer)
    }
  }

  /** Everyone of one tenant. */
  *ofTenant(tenantId: string): Iterable<Peer> {
    for (const peer of this.all()) if (peer.identity.tenantId === tenantId) yield peer
  }

  /** Whose certificate this is, whatever its standing; null where it is nobody's. */
  ownerOf(fingerprint: string): Peer | null {
    return this.byFingerprint.get(fingerprint) ?? null
  }

  private standingOfTenant({ identity }: Peer): Standing | null {
    return this.tenants.isSuspended(identity.tenantId) ? 'tenant_suspended' : null
  }

  /** Without a certificate only where the tenant lets such gateways in. */
  private standingOfSecret({ identity }: Gateway): Standing | null {
    if (identity.credential !== 'secret') return null
    return this.tenants.allowsPasswordGateways(identity.tenantId) ? null : 'password_gateways_off'
  }

  /** A dialect changed: topics of its gateways, and first levels that no gateway is called by. @returns whose rights changed */
  private renameAll(): Gateway[] {
    const changed: Gateway[] = []
    for (const gateway of this.gateways.values()) {
      const { key } = gateway.rules
      this.putGateway(gateway.identity)
      if (gateway.rules.key !== key) changed.push(gateway)
    }
    return changed
  }

  private putGateway(identity: Identity): Gateway {
    let gateway = this.gateways.get(identity.gatewayId)
    if (gateway) {
      this.unlinkGateway(gateway)
      gateway.update(identity)
    } else {
      gateway = new Gateway(identity, this)
      this.gateways.set(identity.gatewayId, gateway)
    }
    for (const { fingerprint } of identity.certificates) this.byFingerprint.set(fingerprint, gateway)
    this.byWireName.set(identity.wireName, gateway)
    this.signInNames.addGateway(gateway)
    this.topics.addGateway(gateway)
    return gateway
  }

  private removeGateway(gatewayId: string): Gateway[] {
    const gateway = this.gateways.get(gatewayId)
    if (!gateway) return []
    this.unlinkGateway(gateway)
    this.gateways.delete(gatewayId)
    return [gateway]
  }

  private putClient(identity: MqttClientIdentity): MqttClient {
    let client = this.clients.get(identity.clientId)
    if (client) {
      this.unlinkClient(client)
      client.identity = identity
    } else {
      client = new MqttClient(identity, this.topics)
      this.clients.set(identity.clientId, client)
    }
    for (const { fingerprint } of identity.certificates) this.byFingerprint.set(fingerprint, client)
    this.signInNames.addClient(client)
    this.topics.addClient(identity)
    return client
  }

  private removeClient(clientId: string): MqttClient[] {
    const client = this.clients.get(clientId)
    if (!client) return []
    this.unlinkClient(client)
    this.clients.delete(clientId)
    return [client]
  }

  private unlinkGateway(gateway: Gateway): void {
    const { wireName } = gateway.identity
    this.unlinkCertificates(gateway)
    if (this.byWireName.get(wireName) === gateway) this.byWireName.delete(wireName)
    this.signInNames.removeGateway(gateway)
    this.topics.removeGateway(gateway)
  }

  private unlinkClient(client: MqttClient): void {
    this.unlinkCertificates(client)
    this.signInNames.removeClient(client)
    this.topics.removeClient(client.identity)
  }

  private unlinkCertificates(peer: Peer): void {
    for (const { fingerprint } of peer.identity.certificates) {
      if (this.byFingerprint.get(fingerprint) === peer) this.byFingerprint.delete(fingerprint)
    }
  }
}
