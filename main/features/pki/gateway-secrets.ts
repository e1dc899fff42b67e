import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { GatewaySecretTable } from '#platform/db/enrollment-schema.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'

export type GatewaySecretRow = Selectable<GatewaySecretTable>

/** A gateway's secret, made and sealed but not yet in the store. */
export interface PreparedSecret {
  row: GatewaySecretRow
  box: Uint8Array<ArrayBuffer>
}

/** Under which key secrets wait for their hand-over. */
export const SECRET_PURPOSE = 'gateway-secret'

/** 256 bits; on the wire 64 hex characters (domain.md, Passwords and tokens). */
const SECRET_BYTES = 32

/**
 * A new secret. What is kept after its hand-over is SHA-256 of the salt's bytes and the 64 characters, as for MQTT clients
 * (`broker/auth/mqtt-password.ts`): of 256 random bits that is enough, and it keeps a storm of reconnects cheap.
 */
export function prepareSecret(sealer: Sealer, of: { gatewayId: string; now: number }): PreparedSecret {
  const { row, secret } = makeSecret(of)
  const box = sealer.seal(SECRET_PURPOSE, row.id, secret)
  secret.fill(0)
  return { box, row }
}

/** A new secret, not sealed: overwrite it as soon as it is where it belongs. */
export function makeSecret({ gatewayId, now }: { gatewayId: string; now: number }): {
  row: GatewaySecretRow
  secret: Buffer
} {
  const id = randomUUIDv7()
  const secret = randomBytes(SECRET_BYTES)
  const salt = randomBytes(16)
  const hash = createHash('sha256').update(salt).update(secret.toString('hex')).digest('hex')
  return {
    secret,
    row: {
      id,
      gatewayId,
      salt: salt.toString('hex'),
      hash,
      state: 'active',
      createdAt: now,
      revokedAt: null,
    },
  }
}

export async function insertSecret(trx: SiteTrx, { row, box }: PreparedSecret): Promise<void> {
  await trx.insertInto('gatewaySecrets').values(row).execute()
  const { id, createdAt } = row
  await trx.insertInto('sealedSecrets').values({ id, purpose: SECRET_PURPOSE, box, createdAt }).execute()
}

/** @returns those that counted until now */
export function revokeSecrets(trx: SiteTrx, gatewayId: string, now: number): Promise<{ id: string }[]> {
  return trx
    .updateTable('gatewaySecrets')
    .set({ state: 'revoked', revokedAt: now })
    .where('gatewayId', '=', gatewayId)
    .where('state', '!=', 'revoked')
    .returning('id')
    .execute()
}
