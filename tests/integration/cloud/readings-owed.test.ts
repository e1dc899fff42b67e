import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { deadReadingsToRetry } from '#features/sync/dead-letters/dead-letters.repository.ts'
import { keepRefused } from '#features/sync/dead-letters/reading-letter.ts'
import { compareEverything } from '#features/sync/sweeps.service.ts'
import { createLog } from '#platform/log/log.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { ReadingsPlant, telemetryOf } from '#tests/fixtures/readings-plant.ts'
import { createCloud, type SharedCloud } from '#tests/fixtures/shared-cloud.ts'

const T0 = Date.UTC(2026, 0, 15)
const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ ts: T0 + (from + i) * 1_000, value: from + i }))

let postgres: PostgresServer
let cloud: SharedCloud
let plant: ReadingsPlant
let head: pg.Client
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())
beforeEach(async () => {
  cloud = await createCloud(postgres)
  head = await cloud.connect()
})
afterEach(async () => {
  await head.end()
  await plant.close()
})

const open = async (settlesAtOnce = false) => {
  plant = await ReadingsPlant.open(postgres, cloud, { name: 'Plant 1', settlesAtOnce })
}
const countOf = async (channel: string) =>
  (await telemetryOf(head)).filter((row) => row.channel === channel).length
const openGaps = async () => (await plant.sweeps()).filter(({ endedAt }) => endedAt === null)

test('a store that went back and grew on before the link was up: nothing of it is passed over', async () => {
  await open()
  await plant.append('one', 'number', rows(10))
  await plant.tail()
  // What was sent beyond these ten is not there any more.
  await plant.db.updateTable('cloudLink').set({ tailSeq: 50 }).execute()
  await plant.sync.checkStore()
  await plant.sync.checkStore()
  await plant.append('one', 'number', rows(60, 10))
  await head.query('DELETE FROM millwright.telemetry')
  await plant.tail()
  expect(await openGaps()).toMatchObject([{ tenantId: plant.tenantId, afterSeq: 0, upToSeq: 10 }])
  await plant.sweep()
  expect(await countOf('one')).toBe(70)
  expect(await plant.sync.backlog()).toMatchObject({ readings: 0, oldestAt: null })
})

test('a tenant that becomes shared while a page is on its way is owed what was in it', async () => {
  await open()
  const b = await plant.addTenant('b')
  await b.append('b', rows(1))
  await plant.append('a', 'number', rows(1))
  await plant.tail()
  expect(await openGaps()).toMatchObject([{ tenantId: b.tenantId, afterSeq: 0, upToSeq: 2 }])
  await head.query('BEGIN; LOCK TABLE millwright.channels IN ACCESS EXCLUSIVE MODE')
  await plant.append('a', 'number', rows(1, 1))
  await b.append('b', rows(100, 1))
  const { lastSeq } = await plant.historian.stats()
  const isStuck = async () => ((await head.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount ?? 0) > 0
  let step: 'before' | 'on its way' | 'through' = 'before'
  let sweeping = Promise.resolve()
  await plant.run('runTail', async () => {
    if (step === 'before' && (await isStuck())) {
      step = 'on its way'
      b.share()
      sweeping = plant.run('runSweeps', async () => step === 'through')
    }
    // It has begun: nothing is added to it any more.
    if (step === 'on its way' && (await openGaps()).some(({ begunAt }) => begunAt !== null)) {
      step = 'through'
      await head.query('COMMIT')
    }
    return (await plant.tailSeq()) >= lastSeq
  })
  await sweeping
  await plant.sweep()
  expect(await countOf('b')).toBe(101)
})

test('a tenant that leaves the session while a page of a gap is read keeps its readings for later', async () => {
  await open(true)
  await plant.append('a', 'number', rows(50))
  await plant.historian.fold()
  await plant.tail()
  const since = plant.historian.since.bind(plant.historian)
  plant.historian.since = async (query, signal) => {
    const page = await since(query, signal)
    plant.session.tenants.delete(plant.tenantId)
    return page
  }
  await plant.run('runSweeps', async () => plant.session.tenants.size === 0)
  plant.historian.since = since
  plant.share()
  await plant.sweep()
  expect((await plant.deadLetters.list({ limit: 1 })).total).toBe(0)
  expect(await countOf('a')).toBe(50)
})

test('a cloud that was restored numbers channels anew: no reading comes under the number of another', async () => {
  await open()
  const other = await plant.addTenant('other')
  other.share()
  await plant.append('kept', 'number', rows(3))
  await plant.tail()
  const owner = await cloud.connectAsSuperuser()
  const numbers = await owner.query<{ last: string }>(
    'SELECT last_value AS last FROM millwright.channel_numbers',
  )
  await plant.append('p', 'number', rows(5, 100))
  await other.append('q', rows(5, 200))
  await plant.tail()
  const before = await telemetryOf(head)
  // As it is when a backup comes back that was made before `p` and `q` were there.
  await owner.query(`DELETE FROM millwright.telemetry t USING millwright.channels c
    WHERE t.channel = c.key AND c.name IN ('p', 'q')`)
  await owner.query(`DELETE FROM millwright.channels WHERE name IN ('p', 'q')`)
  await owner.query(`SELECT setval('millwright.channel_numbers', $1)`, [numbers.rows[0]?.last])
  await owner.end()
  const { db, sync: telemetry } = plant
  const log = createLog({ level: 'silent' })
  await compareEverything({ db, log, telemetry, clock: { now: Date.now } })
  // The tail first, as in life: `q` gets the number that `p` had.
  await other.append('q', rows(1, 205))
  await plant.tail()
  await plant.sweep()
  expect((await telemetryOf(head)).filter(({ value }) => value !== 205)).toEqual(before)
  // What it still had was compared, not sent again.
  expect(await plant.sweeps()).toMatchObject([{ kind: 'resync', sent: 11, mended: 2 }])
})

test('a tenant that was not shared while the others were gone through is gone through later', async () => {
  await open(true)
  const b = await plant.addTenant('b')
  await b.append('b', rows(50))
  await plant.append('a', 'number', rows(50))
  await plant.historian.fold()
  b.share()
  await plant.tail()
  expect(new Set((await openGaps()).map(({ tenantId }) => tenantId))).toEqual(
    new Set([plant.tenantId, b.tenantId]),
  )
  plant.session.tenants.delete(b.tenantId)
  await plant.run('runSweeps', async () => (await openGaps()).length === 1)
  b.share()
  await plant.sweep()
  expect([await countOf('a'), await countOf('b')]).toEqual([50, 50])
})

test('a line that carries too little leaves one gap, and each of its readings goes once', async () => {
  await open(true)
  for (let time = 0; time < 5; time++) {
    await plant.append('one', 'number', rows(200, time * 200))
    await plant.historian.fold()
    await plant.tail()
    // They stay where they are: what came later is not gone through with a gap.
    expect(await openGaps()).toHaveLength(1)
  }
  await plant.sweep()
  expect(await plant.sweeps()).toMatchObject([{ afterSeq: 0, upToSeq: 1_000, total: 1_000, sent: 1_000 }])
  expect(await countOf('one')).toBe(1_000)
})

test('readings of a channel that is written down late wait for it; no letter is written of them', async () => {
  await open()
  await plant.append('known', 'number', rows(1))
  const late = (count: number, from: number) =>
    plant.historian.append(
      rows(count, from).map((row) => ({
        assignmentId: plant.assignmentId,
        channel: 'late',
        kind: 'number',
        unit: null,
        quality: 0,
        ...row,
      })),
    )
  await late(5, 0)
  await plant.tail()
  expect((await plant.deadLetters.list({ limit: 1 })).total).toBe(0)
  expect(await openGaps()).toMatchObject([{ tenantId: null, series: '[2]' }])
  await plant.nameChannels()
  await late(5, 10)
  await plant.tail()
  await plant.run('runTail', async () => (await openGaps()).every(({ tenantId }) => tenantId !== null))
  await plant.sweep()
  expect([await countOf('late'), await countOf('known')]).toEqual([10, 1])

  // Letters of before, when it had no channel: only for whom the channel is.
  const reading = { seriesId: 2, ts: T0, seq: 1, flags: 0, value: 1 }
  const refusal = { code: 'cloud_channel_gone', data: {} } as const
  await keepRefused(plant.db, [{ ...reading, refusal }], () => undefined, 1)
  await plant.db.updateTable('cloudDeadLetters').set({ retryAskedAt: 1 }).execute()
  expect(await deadReadingsToRetry(plant.db, ['another'], 10)).toEqual([])
  expect(await deadReadingsToRetry(plant.db, [plant.tenantId], 10)).toHaveLength(1)
})

test('an installation whose channels are another site’s sets nothing aside, and says so', async () => {
  await open()
  await plant.append('one', 'number', rows(3))
  await plant.tail()
  const other = await ReadingsPlant.open(postgres, cloud, { name: 'Plant 1 again' })
  try {
    await other.append('one', 'number', rows(3))
    const { id } = await plant.db.selectFrom('channels').select('id').executeTakeFirstOrThrow()
    await other.db.updateTable('channels').set({ id }).execute()
    await expect(other.tail()).rejects.toMatchObject({ code: 'cloud_channels_elsewhere' })
    expect((await other.deadLetters.list({ limit: 1 })).total).toBe(0)
    expect(await other.tailSeq()).toBe(0)
  } finally {
    await other.close()
  }
})

test('a comparison takes fewer days at once where the cloud gives up, and leaves out a day that it cannot do', async () => {
  await open()
  const DAY = 24 * 3_600_000
  await plant.append(
    'one',
    'number',
    [0, 1, 3, 4].map((day) => ({ ts: T0 + day * DAY, value: day })),
  )
  await plant.tail()
  const owner = await cloud.connectAsSuperuser()
  await owner.query(`ALTER FUNCTION millwright.day_digests RENAME TO real_digests`)
  await owner.query(`CREATE FUNCTION millwright.day_digests(c bigint[], f bigint, t bigint)
    RETURNS TABLE (channel bigint, day integer, readings integer, digest bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp AS $$
    BEGIN
      IF t - f > ${3 * DAY} OR t > ${T0 + 4 * DAY} THEN RAISE 'too long' USING ERRCODE = '57014'; END IF;
      RETURN QUERY SELECT * FROM millwright.real_digests(c, f, t);
    END $$`)
  await owner.query('GRANT EXECUTE ON FUNCTION millwright.day_digests TO millwright_site')
  await owner.query(`INSERT INTO millwright.telemetry SELECT channel, ts + interval '1 day', seq, value, tenant, flags, text
    FROM millwright.telemetry WHERE value = 1`)
  await owner.query('DELETE FROM millwright.telemetry WHERE value = 3')
  await owner.end()
  await plant.db
    .transaction()
    .execute((trx) =>
      plant.sync.addResync(trx, { tenantId: null, series: null, from: null, to: null, byName: 'somebody' }),
    )
  await plant.sweep()
  expect(await plant.sweeps()).toMatchObject([{ compared: 3, mended: 1, onlyThere: 1 }])
  expect((await telemetryOf(head)).map(({ value }) => value)).toEqual([0, 1, 1, 3, 4])
})
