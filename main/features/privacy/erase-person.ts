import { eraseSecondFactor } from '#features/identity/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'

/** Whoever wrote what stays. */
export const DELETED_PERSON = 'deleted person'

/** What others follow once a person is gone. */
export interface ErasedPerson {
  userId: string
  sessionIds: string[]
  /** Gateways that belonged to them and belong to nobody now. */
  gatewayIds: string[]
  mqttClientIds: string[]
}

/**
 * Deletes an account and every personal part of what stays: annotations keep their text, shared views their content,
 * keys that the person made for others their rights. The audit is the caller's. Certificates of their MQTT clients are
 * revoked before.
 */
export async function erasePersonIn(trx: SiteTrx, userId: string): Promise<ErasedPerson> {
  const user = await trx.selectFrom('users').select('name').where('id', '=', userId).executeTakeFirst()
  const sessions = await trx.deleteFrom('sessions').where('userId', '=', userId).returning('id').execute()
  const gateways = await trx.selectFrom('gateways').select('id').where('ownerUserId', '=', userId).execute()
  const clients = await trx.selectFrom('mqttClients').select('id').where('ownerUserId', '=', userId).execute()
  await eraseSecondFactor(trx, userId)
  await trx
    .updateTable('annotations')
    .set({ authorName: DELETED_PERSON, authorUserId: null })
    .where('authorUserId', '=', userId)
    .execute()
  await trx
    .updateTable('commands')
    .set({ createdByName: DELETED_PERSON, createdById: null })
    .where('createdById', '=', userId)
    .execute()
  await trx.deleteFrom('views').where('ownerUserId', '=', userId).where('shared', '=', 0).execute()
  await trx.updateTable('mqttClients').set({ createdById: null }).where('createdById', '=', userId).execute()
  await trx.updateTable('invitations').set({ createdById: null }).where('createdById', '=', userId).execute()
  // By who it was: a namesake's run goes on beginning with boards.
  for (const table of ['benchRuns', 'flashJobs'] as const)
    await trx
      .updateTable(table)
      .set({ startedByName: DELETED_PERSON, startedById: null })
      .where('startedById', '=', userId)
      .execute()
  await trx.deleteFrom('idempotencyKeys').where('actor', '=', userId).execute()
  // What the cloud refused of them says who they are.
  await trx
    .deleteFrom('cloudDeadLetters')
    .where('entity', '=', 'user')
    .where('entityId', 'like', `%/${userId}`)
    .execute()
  if (user) await eraseName(trx, user.name)
  await trx.deleteFrom('users').where('id', '=', userId).execute()
  return {
    userId,
    sessionIds: sessions.map(({ id }) => id),
    gatewayIds: gateways.map(({ id }) => id),
    mqttClientIds: clients.map(({ id }) => id),
  }
}

/** Where only a name was kept, whoever else has it loses it too: the audit still knows who it was. */
async function eraseName(trx: SiteTrx, name: string): Promise<void> {
  await trx.updateTable('gatewayHistory').set({ actor: DELETED_PERSON }).where('actor', '=', name).execute()
  await trx.updateTable('views').set({ updatedBy: DELETED_PERSON }).where('updatedBy', '=', name).execute()
  await trx
    .updateTable('calculations')
    .set({ createdBy: DELETED_PERSON })
    .where('createdBy', '=', name)
    .execute()
  await trx
    .updateTable('knocks')
    .set({ claimedByName: DELETED_PERSON })
    .where('claimedByName', '=', name)
    .execute()
  await trx
    .updateTable('claimWindows')
    .set({ openedByName: DELETED_PERSON, openedById: null })
    .where('openedByName', '=', name)
    .execute()
  await trx
    .updateTable('estPasswords')
    .set({ createdByName: DELETED_PERSON })
    .where('createdByName', '=', name)
    .execute()
  await trx.updateTable('dialects').set({ updatedBy: DELETED_PERSON }).where('updatedBy', '=', name).execute()
  await trx
    .updateTable('firmwareBundles')
    .set({ importedByName: DELETED_PERSON })
    .where('importedByName', '=', name)
    .execute()
  await trx
    .updateTable('firmwarePublishers')
    .set({ addedByName: DELETED_PERSON })
    .where('addedByName', '=', name)
    .execute()
  await trx
    .updateTable('wifiNetworks')
    .set({ createdByName: DELETED_PERSON })
    .where('createdByName', '=', name)
    .execute()
  await trx
    .updateTable('cloudLink')
    .set({ joinedByName: DELETED_PERSON })
    .where('joinedByName', '=', name)
    .execute()
  await trx
    .updateTable('cloudSweeps')
    .set({ createdByName: DELETED_PERSON })
    .where('createdByName', '=', name)
    .execute()
  await trx
    .updateTable('cloudConflicts')
    .set({ resolvedByName: DELETED_PERSON })
    .where('resolvedByName', '=', name)
    .execute()
}
