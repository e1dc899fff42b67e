import { createHash, createHmac } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEY, TestAudit } from './testing/store.ts'

let audit: TestAudit
beforeEach(async () => {
  audit = await TestAudit.open()
})
afterEach(() => audit.close())

/** An entry as Millwright wrote it before migration 0007-audit. */
async function insertOfBefore(seq: number, previous: Uint8Array): Promise<Uint8Array> {
  const salt = Buffer.alloc(16, seq)
  const personalHash = createHash('sha256')
    .update(salt)
    .update(JSON.stringify(['Ana', '10.0.0.7']))
    .digest()
  const entry = {
    seq,
    at: 1_700_000_000_000 + seq,
    actorKind: 'user' as const,
    actorId: 'u1',
    action: 'gateway.suspend',
    objectKind: 'gateway',
    objectId: 'g1',
    tenantId: 't1',
    outcome: 'done' as const,
    errorCode: null,
    requestId: 'r',
    details: '{"before":"claimed"}',
  }
  const fields = [...Object.values(entry), personalHash.toString('hex')]
  const chain = createHmac('sha256', KEY).update(previous).update(JSON.stringify(fields)).digest()
  await audit.db
    .insertInto('auditEntries')
    .values({ ...entry, personalHash, chain })
    .execute()
  await audit.db
    .insertInto('auditPersonal')
    .values({ seq, salt, actorName: 'Ana', address: '10.0.0.7' })
    .execute()
  return chain
}

async function writeOfBefore(): Promise<void> {
  let chain: Uint8Array = new Uint8Array(32)
  for (let seq = 1; seq <= 3; seq++) chain = await insertOfBefore(seq, chain)
}

test('a chain of before holds, without a sealed head until the first start, and goes on', async () => {
  await writeOfBefore()
  await audit.restart()
  await audit.record('gateway.resume')
  expect(await audit.verify()).toMatchObject({ sound: true, entries: 4, sealedSeq: 4 })
  expect(await audit.service.checkNewest(10)).toBeNull()
  await audit.erase('u1')
  expect(await audit.verify()).toMatchObject({ sound: true, erased: 4 })
})

test('what is done to it is found, a change of its format too', async () => {
  await writeOfBefore()
  await audit.restart()
  await audit.record('gateway.resume')
  for (const change of [`action = 'x'`, 'format = 2']) {
    const where = sql.raw(`update auditEntries set ${change} where seq = 2`)
    await sql`${where}`.execute(audit.db)
    expect((await audit.verify()).findings).toContainEqual({ kind: 'changed', seq: 2, toSeq: 2 })
    await sql`update auditEntries set action = 'gateway.suspend', format = 1 where seq = 2`.execute(audit.db)
    expect(await audit.verify()).toMatchObject({ sound: true })
  }
  // Fields that the first format does not chain cannot be filled unseen either.
  await sql`update auditEntries set path = '/x', status = 200 where seq = 2`.execute(audit.db)
  expect((await audit.verify()).findings).toEqual([{ kind: 'changed', seq: 2, toSeq: 2 }])
})

test('a sealed head that is gone is missed, also where everything since the first start with it is cut off', async () => {
  await writeOfBefore()
  await audit.restart()
  expect(await audit.verify()).toMatchObject({ sound: true, entries: 3 })
  await audit.record('gateway.resume')
  await audit.service.stop()
  await rm(audit.headFile)
  for (const table of ['auditPersonal', 'auditEntries'])
    await sql.raw(`delete from ${table} where seq > 3`).execute(audit.db)
  await audit.restart()
  expect((await audit.verify()).findings).toEqual([{ kind: 'recorded', seq: 4, toSeq: 4 }])
})
