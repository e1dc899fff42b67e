import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** A person's seed, sealed, confirmed or not. */
export function secondFactorOf(db: SiteDb | SiteTrx, userId: string) {
  return db
    .selectFrom('secondFactors')
    .innerJoin('sealedSecrets', 'sealedSecrets.id', 'secondFactors.sealedSecretId')
    .select([
      'secondFactors.userId',
      'secondFactors.sealedSecretId',
      'secondFactors.confirmedAt',
      'secondFactors.lastStep',
      'sealedSecrets.box',
    ])
    .where('secondFactors.userId', '=', userId)
    .executeTakeFirst()
}

/** In place of one that was never confirmed. */
export async function insertSecondFactor(
  trx: SiteTrx,
  factor: { userId: string; sealedSecretId: string; purpose: string; box: Uint8Array; createdAt: number },
): Promise<void> {
  const { userId, sealedSecretId, purpose, box, createdAt } = factor
  await eraseSecondFactor(trx, userId)
  await trx.insertInto('sealedSecrets').values({ id: sealedSecretId, purpose, box, createdAt }).execute()
  await trx.insertInto('secondFactors').values({ userId, sealedSecretId, createdAt }).execute()
}

/** The seed and the recovery codes of a person, for good. @returns whether there was a factor */
export async function eraseSecondFactor(trx: SiteTrx, userId: string): Promise<boolean> {
  await trx.deleteFrom('recoveryCodes').where('userId', '=', userId).execute()
  const erased = await trx
    .deleteFrom('secondFactors')
    .where('userId', '=', userId)
    .returning('sealedSecretId')
    .executeTakeFirst()
  if (erased === undefined) return false
  await trx.deleteFrom('sealedSecrets').where('id', '=', erased.sealedSecretId).execute()
  return true
}

export function confirmSecondFactor(
  trx: SiteTrx,
  userId: string,
  changes: { confirmedAt: number; lastStep: number },
) {
  return trx.updateTable('secondFactors').set(changes).where('userId', '=', userId).execute()
}

/** Takes a step, once: of two at the same time one gets it. */
export async function takeStep(db: SiteDb | SiteTrx, userId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('secondFactors')
    .set({ lastStep: step })
    .where('userId', '=', userId)
    .where((eb) => eb.or([eb('lastStep', 'is', null), eb('lastStep', '<', step)]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export async function replaceRecoveryCodes(trx: SiteTrx, userId: string, hashes: string[]): Promise<void> {
  await trx.deleteFrom('recoveryCodes').where('userId', '=', userId).execute()
  await trx
    .insertInto('recoveryCodes')
    .values(hashes.map((codeHash) => ({ userId, codeHash, usedAt: null })))
    .execute()
}

/** Uses a recovery code up. @returns whether it was there, unused */
export async function takeRecoveryCode(
  db: SiteDb | SiteTrx,
  { userId, codeHash, usedAt }: { userId: string; codeHash: string; usedAt: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('recoveryCodes')
    .set({ usedAt })
    .where('userId', '=', userId)
    .where('codeHash', '=', codeHash)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export async function recoveryCodesLeft(db: SiteDb | SiteTrx, userId: string): Promise<number> {
  const { left } = await db
    .selectFrom('recoveryCodes')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('userId', '=', userId)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}
