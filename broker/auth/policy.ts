import type { Identity, PolicyChange } from '#broker/port.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import { Gateway } from './gateway.ts'

export type Admission =
  | { admitted: true; gateway: Gateway }
  | { admitted: false; reason: RefusalReason; gatewayId: string | null; detail: string | null }

/**
 * Who may connect, in memory: the engine sends it whole at start and every change after. Asked at each handshake
 * and again at CONNECT, for a gateway may have been revoked in between.
 */
export class Policy {
  private readonly gateways = new Map<string, Gateway>()
  private readonly byFingerprint = new Map<string, Gateway>()
  private readonly byWireName = new Map<string, Gateway>()

  /** @returns the gateway that the change is about, if it was or is known */
  apply(change: PolicyChange): Gateway | undefined {
    if (change.op === 'put') return this.put(change.identity)
    const gateway = this.gateways.get(change.gatewayId)
    if (gateway) {
      this.unlink(gateway)
      this.gateways.delete(gateway.id)
    }
    return gateway
  }

  find(gatewayId: string): Gateway | undefined {
    return this.gateways.get(gatewayId)
  }

  /** By the MQTT client id that its sessions are kept under. */
  findByWireName(wireName: string): Gateway | undefined {
    return this.byWireName.get(wireName)
  }

  /** Every gateway that is known, connected or not. */
  all(): Iterable<Gateway> {
    return this.gateways.values()
  }

  /** @param fingerprint SHA-256 of the certificate, lower-case hex */
  admit(fingerprint: string): Admission {
    const gateway = this.byFingerprint.get(fingerprint)
    if (!gateway) return { admitted: false, reason: 'certificate_unknown', gatewayId: null, detail: null }
    const refusal = this.standing(gateway)
    if (refusal) return { admitted: false, reason: refusal, gatewayId: gateway.id, detail: null }
    const certificate = gateway.identity.certificates.find((known) => known.fingerprint === fingerprint)
    if (certificate?.state !== 'active') {
      const detail = certificate?.state ?? null
      return { admitted: false, reason: 'certificate_revoked', gatewayId: gateway.id, detail }
    }
    return { admitted: true, gateway }
  }

  /** Whether the gateway as such may connect, whatever it shows. */
  standing(gateway: Gateway): 'gateway_suspended' | 'gateway_revoked' | 'certificate_unknown' | null {
    if (this.gateways.get(gateway.id) !== gateway) return 'certificate_unknown'
    switch (gateway.identity.access) {
      case 'suspended':
        return 'gateway_suspended'
      case 'revoked':
        return 'gateway_revoked'
      case 'allowed':
        return null
    }
  }

  /** Whose certificate this is, whatever its standing; null where it is nobody's. */
  ownerOf(fingerprint: string): string | null {
    return this.byFingerprint.get(fingerprint)?.id ?? null
  }

  private put(identity: Identity): Gateway {
    let gateway = this.gateways.get(identity.gatewayId)
    if (gateway) {
      this.unlink(gateway)
      gateway.update(identity)
    } else {
      gateway = new Gateway(identity)
      this.gateways.set(identity.gatewayId, gateway)
    }
    for (const { fingerprint } of identity.certificates) this.byFingerprint.set(fingerprint, gateway)
    this.byWireName.set(identity.wireName, gateway)
    return gateway
  }

  private unlink(gateway: Gateway): void {
    const { certificates, wireName } = gateway.identity
    for (const { fingerprint } of certificates) {
      if (this.byFingerprint.get(fingerprint) === gateway) this.byFingerprint.delete(fingerprint)
    }
    if (this.byWireName.get(wireName) === gateway) this.byWireName.delete(wireName)
  }
}
