import type { CredentialRevoker } from '#features/fleet/index.ts'
import { type Pki, parseRevocationReason } from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'

/** What ends a gateway's credentials: its certificates and its secrets. */
export function credentialRevoker(pki: Pki, clock: Clock): CredentialRevoker {
  return {
    revokeIn: async (trx, gatewayId, reason, now) => {
      await pki.revokeCertificates(trx, gatewayId, parseRevocationReason(reason), now)
      await pki.revokeSecrets(trx, gatewayId, now)
    },
    afterRevocation: async () => {
      await pki.refreshCrlIfDue(clock.now())
      await pki.eraseTrail()
    },
  }
}
