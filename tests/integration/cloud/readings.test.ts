import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AuditDraft } from '#features/audit/index.ts'
import { countDeadLetters, listDeadLetters } from '#features/sync/dead-letters/dead-letters.repository.ts'
import { addHistory, cancelSweeps } from '#features/sync/telemetry/index.ts'
import type { SweepRow } from '#features/sync/telemetry/progress.repository.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { ReadingsPlant, telemetryOf } from '#tests/fixtures/readings-plant.ts'
import { createCloud, type SharedCloud } from '#tests/fixtures/shared-cloud.ts'

const T0 = Date.UTC(2026, 0, 31, 23, 59)
const texts = [
  '',
  'on',
  'quote " and \\ slash',
  '{a,b}',
  'NULL',
  'line\nbreak\tand tab\r\v\b\f',
  '温度 🏭 é',
  '\\N',
  '\\.',
]
const numbers = [
  0,
  -0,
  1,
  20.51,
  -3.25,
  0.1 + 0.2,
  5e-324,
  -5e-324,
  1.7976931348623157e308,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 60),
  1e21,
  123456789.123,
  2 ** -1074,
]

const draft = () =>
  new AuditDraft({
    actor: { kind: 'system', id: null, name: 'system' },
    action: 'cloud.test',
    address: 'local',
    requestId: null,
  })

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
  plant = await ReadingsPlant.open(postgres, cloud, { name: 'Plant 1' })
  head = await cloud.connect()
})
afterEach(async () => {
  await head.end()
  await plant.close()
})

test('what the tail sends is what is stored, to the last bit, over the end of a month', async () => {
  await plant.append(
    'number',
    'number',
    numbers.map((value, i) => ({ ts: T0 + i * 10_007, value, quality: i % 3 })),
  )
  await plant.append(
    'text',
    'text',
    texts.map((value, i) => ({ ts: T0 + i * 60_000, value })),
  )
  await plant.append(
    'flag',
    'boolean',
    [true, false, true].map((value, i) => ({ ts: T0 + i, value })),
  )
  await plant.tail()
  const stored = await telemetryOf(head)
  const of = (channel: string) => stored.filter((row) => row.channel === channel)
  expect(of('number').map(({ ts }) => ts)).toEqual(numbers.map((_, i) => T0 + i * 10_007))
  for (const [i, { value }] of of('number').entries()) expect(value).toBe(numbers[i])
  expect(of('number').map(({ flags }) => flags)).toEqual(numbers.map((_, i) => i % 3))
  expect(of('text').map(({ text }) => text)).toEqual(texts)
  expect(of('text').every(({ value }) => value === null)).toBe(true)
  expect(of('flag').map(({ value, flags }) => [value, flags])).toEqual([
    [1, 512],
    [0, 512],
    [1, 512],
  ])
})

test('the later version of a reading wins, whichever comes first; the same again does nothing', async () => {
  await plant.append('number', 'number', [
    { ts: T0, value: 1 },
    { ts: T0 + 1_000, value: 2 },
  ])
  await plant.tail()
  await plant.append('number', 'number', [{ ts: T0, value: 10 }])
  await plant.append('number', 'number', [{ ts: T0, value: 11 }])
  await plant.tail()
  // A power cut after the commit over there and before the cursor was written here.
  await plant.db.updateTable('cloudLink').set({ tailSeq: 0 }).execute()
  await plant.tail()
  const stored = await telemetryOf(head)
  expect(stored.map(({ ts, value, seq }) => [ts - T0, value, BigInt(seq) - (1n << 44n)])).toEqual([
    [0, 11, 4n],
    [1_000, 2, 2n],
  ])
})

test('what has left the tail is a gap: a sweep goes through it, and then it is all there', async () => {
  await plant.close()
  plant = await ReadingsPlant.open(postgres, cloud, { name: 'Plant 2', settlesAtOnce: true })
  const rows = Array.from({ length: 5_000 }, (_, i) => ({
    ts: T0 + i * 1_000,
    value: Math.round(i * 1.7) / 10,
  }))
  await plant.append('one', 'number', rows)
  await plant.append('two', 'number', rows.slice(0, 700))
  await plant.historian.fold()
  await plant.tail()
  expect(await plant.sweeps()).toMatchObject([{ kind: 'gap', afterSeq: 0, upToSeq: 5_700, endedAt: null }])
  expect((await plant.sync.backlog()).readings).toBe(5_700)
  await plant.sweep()
  const stored = await telemetryOf(head)
  expect(stored.filter(({ channel }) => channel === 'one').map(({ ts, value }) => ({ ts, value }))).toEqual(
    rows,
  )
  expect(stored).toHaveLength(5_700)
  expect(await plant.sweeps()).toMatchObject([{ kind: 'gap', sent: 5_700 }])
  expect(await plant.sync.backlog()).toMatchObject({ readings: 0, oldestAt: null })
})

test('history goes from a date on; a sweep goes on where it stood', async () => {
  await plant.append(
    'one',
    'number',
    Array.from({ length: 500 }, (_, i) => ({ ts: T0 + i * 1_000, value: i })),
  )
  await plant.db.updateTable('cloudLink').set({ tailSeq: 500 }).execute()
  const fromAt = T0 + 100_000
  await plant.db.updateTable('cloudTenants').set({ fromAt }).execute()
  const id = await plant.db
    .transaction()
    .execute((trx) =>
      addHistory(trx, { tenantId: plant.tenantId, fromAt, byName: 'somebody', now: Date.now(), total: 400 }),
    )
  // It was cut off after 200 of them.
  const [series] = await plant.historian.series()
  await plant.db
    .updateTable('cloudSweeps')
    .set({ seriesId: series?.seriesId ?? 0, ts: T0 + 300_000, sent: 200 })
    .where('id', '=', id)
    .execute()
  await plant.sweep()
  const stored = await telemetryOf(head)
  expect(stored.map(({ value }) => value)).toEqual(Array.from({ length: 200 }, (_, i) => 300 + i))
  expect(await plant.sweeps()).toMatchObject([{ kind: 'history', sent: 400 }])
})

test('what Postgres cannot store, or refuses, is set aside alone; corrected or tried again, it arrives', async () => {
  await plant.append('text', 'text', [
    { ts: T0, value: 'good' },
    { ts: T0 + 1, value: 'a\0b' },
    { ts: T0 + 2, value: 'good too' },
  ])
  await plant.append(
    'number',
    'number',
    Array.from({ length: 300 }, (_, i) => ({ ts: T0 + i, value: i })),
  )
  const owner = await cloud.connectAsSuperuser()
  await owner.query(`ALTER TABLE millwright.telemetry ADD CONSTRAINT odd CHECK (value IS DISTINCT FROM 77)`)
  await plant.tail()
  const letters = await listDeadLetters(plant.db, {}, { limit: 10 })
  expect(new Map(letters.map(({ reason, ts }) => [reason, (ts ?? 0) - T0]))).toEqual(
    new Map([
      ['cloud_refused', 77],
      ['cloud_text_nul', 1],
    ]),
  )
  expect(await telemetryOf(head)).toHaveLength(2 + 299)

  await owner.query('ALTER TABLE millwright.telemetry DROP CONSTRAINT odd')
  await owner.end()
  await plant.deadLetters.retry(null, draft())
  await plant.run('runSweeps', async () => (await countDeadLetters(plant.db)) === 1)
  const stored = await telemetryOf(head)
  expect(stored.find(({ channel, ts }) => channel === 'number' && ts === T0 + 77)?.value).toBe(77)

  const nul = (await listDeadLetters(plant.db, {}, { limit: 10 })).find(
    ({ reason }) => reason === 'cloud_text_nul',
  )
  expect(nul?.attempts).toBe(2)
  await plant.deadLetters.edit(nul?.id ?? '', 'ab', draft())
  await plant.tail()
  expect(
    (await telemetryOf(head)).filter(({ channel }) => channel === 'text').map(({ text }) => text),
  ).toEqual(['good', 'ab', 'good too'])
  expect(await countDeadLetters(plant.db)).toBe(0)
})

/** Compares everything. @returns what it found */
async function resync(): Promise<SweepRow> {
  const id = await plant.db
    .transaction()
    .execute((trx) =>
      plant.sync.addResync(trx, { tenantId: null, series: null, from: null, to: null, byName: 'somebody' }),
    )
  await plant.sweep()
  return (await plant.sweeps()).find((sweep) => sweep.id === id) as SweepRow
}

test('a resync finds what differs by channel and day and mends it; what only the cloud has stays', async () => {
  const day = 24 * 3_600_000
  const start = Date.UTC(2026, 1, 1)
  for (const channel of ['one', 'two'])
    await plant.append(
      channel,
      'number',
      Array.from({ length: 400 }, (_, i) => ({ ts: start + i * (day / 40), value: i === 5 ? -0 : i })),
    )
  await plant.append('text', 'text', [{ ts: start, value: 'é' }])
  await plant.tail()
  const owner = await cloud.connectAsSuperuser()
  const whole = await telemetryOf(head)
  const inDay = (index: number) =>
    `ts >= to_timestamp(${(start + index * day) / 1_000}) AND ts < to_timestamp(${
      (start + (index + 1) * day) / 1_000
    })`
  const one = `channel = (SELECT key FROM millwright.channels WHERE name = 'one')`
  await owner.query(`DELETE FROM millwright.telemetry WHERE ${one} AND ${inDay(2)} AND value::int % 2 = 0`)
  await owner.query(`UPDATE millwright.telemetry SET value = 1e9 WHERE ${one} AND ${inDay(4)}`)
  await owner.query(`UPDATE millwright.telemetry SET value = 0 WHERE ${one} AND ${inDay(0)} AND value = 0`)
  await owner.query(
    `INSERT INTO millwright.telemetry SELECT channel, ts + interval '1 ms', seq, value, tenant, flags, text
     FROM millwright.telemetry WHERE ${one} AND ${inDay(6)} AND value = 245`,
  )
  await owner.end()
  expect(await resync()).toMatchObject({
    compared: 21,
    mended: 3,
    onlyThere: 1,
    onlyThereDays: 1,
    newerThere: 0,
  })
  const mended = await telemetryOf(head)
  const without = mended.filter(({ ts }) => ts % 10 !== 1)
  expect(without.map(({ channel, ts, value, text }) => ({ channel, ts, value, text }))).toEqual(
    whole.map(({ channel, ts, value, text }) => ({ channel, ts, value, text })),
  )
  expect(mended).toHaveLength(whole.length + 1)
  expect(Object.is(without[5]?.value, -0)).toBe(true)
})

test('days that only the cloud has are counted, wherever they lie; what retention takes here is no difference', async () => {
  const day = 24 * 3_600_000
  const start = Date.UTC(2026, 0, 20)
  await plant.append(
    'one',
    'number',
    [15, 17, 60].map((at) => ({ ts: start + at * day, value: at })),
  )
  await plant.tail()
  const owner = await cloud.connectAsSuperuser()
  await owner.query(`INSERT INTO millwright.channels (id, site_id, tenant_id, gateway_id, assignment_id, name, kind, created_at)
    SELECT gen_random_uuid(), site_id, tenant_id, gateway_id, assignment_id, 'gone', kind, created_at FROM millwright.channels`)
  const put = (channel: string, at: number, count: number) =>
    owner.query(
      `INSERT INTO millwright.telemetry (channel, ts, seq, value, tenant, flags)
       SELECT c.key, to_timestamp($2::float8 / 1000) + n * interval '500 ms', 1, n, t.key, 0
       FROM millwright.channels c JOIN millwright.tenants t ON t.id = c.tenant_id, generate_series(1, $3::integer) n
       WHERE c.name = $1`,
      [channel, start + at * day, count],
    )
  // Before all that is here, between, on a day that is more than a look, after it; and of a channel that is not here.
  await put('one', 0, 2)
  await put('one', 16, 3)
  await put('one', 30, 10)
  await put('one', 31, 100_001)
  await put('one', 70, 4)
  await put('gone', 1, 5)
  await put('gone', 40, 7)
  await put('gone', 41, 6)
  await owner.end()
  const all = 2 + 3 + 10 + 100_001 + 4 + 5 + 7 + 6
  expect(await resync()).toMatchObject({
    compared: 3,
    mended: 0,
    onlyThere: all,
    onlyThereDays: 8,
    newerThere: 0,
  })
  const days = Math.floor((Date.now() - Date.UTC(2026, 1, 10)) / day)
  const standard = { id: 'standard', days, evictable: false }
  plant.historian.setRetention({
    classes: [standard],
    defaultClass: 'standard',
    bySeries: new Map(),
    budgetBytes: null,
  })
  expect(await resync()).toMatchObject({ onlyThere: all - 2 - 5, onlyThereDays: 6 })
  const { rows } = await head.query('SELECT count(*)::integer AS there FROM millwright.telemetry')
  expect(rows).toEqual([{ there: all + 3 }])
})

test('what is dated ahead of the clock is found missing too, and mended', async () => {
  const day = 24 * 3_600_000
  const ahead = Date.now() + 400 * day
  await plant.append(
    'one',
    'number',
    [T0, ahead, ahead + day, ahead + day + 1].map((ts, value) => ({ ts, value })),
  )
  await plant.append('two', 'number', [{ ts: T0, value: 1 }])
  await plant.tail()
  const whole = await telemetryOf(head)
  const owner = await cloud.connectAsSuperuser()
  await owner.query('DELETE FROM millwright.telemetry WHERE ts > now()')
  await owner.end()
  // What comes after it was asked for is the tail's.
  await plant.append('one', 'number', [{ ts: ahead + 9 * day, value: 9 }])
  expect(await resync()).toMatchObject({ compared: 4, mended: 2, sent: 3, onlyThere: 0 })
  expect(await telemetryOf(head)).toEqual(whole)
  await plant.tail()
  expect(await resync()).toMatchObject({ compared: 5, mended: 0, sent: 4 })
})

test('a pass that is cancelled, or that nothing could come of any more, is not shown as if it had come to its end', async () => {
  const { db, sync, tenantId } = plant
  const add = (of: string | null) =>
    db
      .transaction()
      .execute((trx) =>
        sync.addResync(trx, { tenantId: of, series: null, from: null, to: null, byName: null }),
      )
  const id = await add(tenantId)
  await add(null)
  await db.transaction().execute((trx) => sync.cancelSweep(trx, id))
  expect(await plant.sweeps()).toMatchObject([{ tenantId: null, endedAt: null }])
  await expect(db.transaction().execute((trx) => sync.cancelSweep(trx, id))).rejects.toMatchObject({
    code: 'not_found',
  })
  await add(tenantId)
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('cloudTenants').set({ mode: 'fleet' }).execute()
    await cancelSweeps(trx, { tenantId })
  })
  expect(await plant.sweeps()).toEqual([])
})

test('what the cloud has newer stays and is told; of the next generation this site counts again', async () => {
  await plant.append(
    'one',
    'number',
    [1, 2, 3, 4].map((value) => ({ ts: T0 + value, value })),
  )
  await plant.tail()
  // What a later state of this site had sent, before a backup took its place: sequences begin anew below it.
  const owner = await cloud.connectAsSuperuser()
  await owner.query('UPDATE millwright.telemetry SET value = value * 10, seq = seq + 1000 WHERE value > 2')
  await owner.end()
  const valuesThere = async () => (await telemetryOf(head)).map(({ value }) => value)
  for (let time = 0; time < 2; time++) {
    expect(await resync()).toMatchObject({ compared: 1, mended: 0, onlyThere: 0, newerThere: 2 })
    expect(await valuesThere()).toEqual([1, 2, 30, 40])
  }
  await plant.append('one', 'number', [{ ts: T0 + 3, value: 300 }])
  await plant.tail()
  expect(await valuesThere()).toEqual([1, 2, 30, 40])
  // As the cloud gives it to whoever comes back from a backup (handshake.ts).
  plant.session.generation += 1
  await plant.append('one', 'number', [{ ts: T0 + 4, value: 400 }])
  await plant.tail()
  expect(await valuesThere()).toEqual([1, 2, 30, 400])
  expect(await resync()).toMatchObject({ compared: 1, mended: 1, onlyThere: 0, newerThere: 0 })
  expect(await valuesThere()).toEqual([1, 2, 300, 400])
})

test('a channel that was deleted over there is numbered anew; a tenant no longer shared is owed its gap', async () => {
  await plant.append('one', 'number', [{ ts: T0, value: 1 }])
  await plant.tail()
  const owner = await cloud.connectAsSuperuser()
  await owner.query('DELETE FROM millwright.telemetry')
  await owner.query('DELETE FROM millwright.channels')
  await plant.append('one', 'number', [{ ts: T0 + 1, value: 2 }])
  await plant.tail()
  expect((await telemetryOf(head)).map(({ value }) => value)).toEqual([2])

  await owner.query('DELETE FROM millwright.site_tenants')
  await plant.append('one', 'number', [{ ts: T0 + 2, value: 3 }])
  await plant.tail()
  expect(plant.session.tenants.size).toBe(0)
  expect(await countDeadLetters(plant.db)).toBe(0)
  expect(await plant.sweeps()).toMatchObject([{ kind: 'gap', tenantId: plant.tenantId, endedAt: null }])
  await owner.query(
    'INSERT INTO millwright.site_tenants (site_id, tenant_id) SELECT s.id, t.id FROM millwright.sites s, millwright.tenants t',
  )
  await owner.end()
  plant.share()
  await plant.sweep()
  expect((await telemetryOf(head)).map(({ value }) => value)).toEqual([2, 3])
})

test('a batch for channels of another site is refused, and so is a table that the session made itself', async () => {
  await plant.append('one', 'number', [{ ts: T0, value: 1 }])
  await plant.tail()
  const other = await ReadingsPlant.open(postgres, cloud, { name: 'Plant 2' })
  const { client, close } = await other.connect('attack').then((connection) => ({
    client: connection.client,
    close: () => connection.close(),
  }))
  try {
    const { rows } = await head.query<{ key: string }>('SELECT key FROM millwright.channels')
    const key = rows[0]?.key ?? ''
    await expect(client.query('SELECT millwright.take_readings()')).rejects.toThrow('open_incoming')
    await client.query('SELECT millwright.open_incoming()')
    await client.query('BEGIN')
    await client.query(
      `INSERT INTO pg_temp.millwright_incoming (run, channel, flags, n, ts, span, ts_step, seq, seq_step, value, value_step, scale)
       VALUES (0, ${key}, 0, 1, ${T0}, 0, 0, 999999999999999999, 0, 5, 0, 1)`,
    )
    await expect(client.query('SELECT millwright.take_readings()')).rejects.toMatchObject({
      code: 'P0001',
      detail: `[${key}]`,
    })
    await client.query('ROLLBACK')
    expect(
      (await client.query(`SELECT * FROM millwright.day_digests('{${key}}', 0, ${T0 * 2})`)).rows,
    ).toEqual([])
    await client.query('DISCARD TEMP')
    await client.query('CREATE TEMP VIEW millwright_incoming AS SELECT 1 AS run')
    await expect(client.query('SELECT millwright.take_readings()')).rejects.toThrow('open_incoming')
    await expect(client.query('SELECT millwright.open_incoming()')).rejects.toThrow('open_incoming')
  } finally {
    await close()
    await other.close()
  }
  expect((await telemetryOf(head)).map(({ value }) => value)).toEqual([1])
})

test('a cloud that refuses whatever comes is told, and does not fill the list; nothing is passed over', async () => {
  const append = (channel: string) =>
    plant.append(
      channel,
      'number',
      Array.from({ length: 600 }, (_, i) => ({ ts: T0 + i * 1_000, value: Math.sin(i) })),
    )
  const owner = await cloud.connectAsSuperuser()
  await owner.query('ALTER TABLE millwright.telemetry ADD CONSTRAINT nothing CHECK (false)')
  await append('one')
  await expect(plant.tail()).rejects.toMatchObject({ code: 'cloud_refused' })
  await append('two')
  await append('three')
  await expect(plant.tail()).rejects.toMatchObject({ code: 'cloud_refused' })
  await owner.query('ALTER TABLE millwright.telemetry DROP CONSTRAINT nothing')
  await owner.end()
  // Versions of a generation as high as this are no bigint: COPY itself refuses them, in the middle.
  plant.session.generation = 2 ** 20
  await expect(plant.tail()).rejects.toMatchObject({ code: 'cloud_refused' })
  expect(await countDeadLetters(plant.db)).toBe(0)
  expect(await plant.tailSeq()).toBe(0)
  plant.session.generation = 1
  await plant.tail()
  expect(await telemetryOf(head)).toHaveLength(1_800)
})

test('whether it is for the readings, one that the cloud took before tells: the same channel, or a single reading', async () => {
  await plant.append('good', 'number', [{ ts: T0, value: 1 }])
  await plant.tail()
  const owner = await cloud.connectAsSuperuser()
  const refuse = (what: string) =>
    owner.query(`ALTER TABLE millwright.telemetry DROP CONSTRAINT IF EXISTS odd,
      ADD CONSTRAINT odd CHECK (${what}) NOT VALID`)
  await refuse('false')
  await plant.append('bad', 'number', [{ ts: T0, value: 5 }])
  await expect(plant.tail()).rejects.toMatchObject({ code: 'cloud_refused' })
  expect(await countDeadLetters(plant.db)).toBe(0)
  // Not one of them is taken, and what is behind them goes on.
  await refuse('value < 5')
  await plant.append(
    'bad',
    'number',
    Array.from({ length: 8 }, (_, i) => ({ ts: T0 + 1 + i, value: 6 + i })),
  )
  await plant.tail()
  expect(await countDeadLetters(plant.db)).toBe(9)
  await owner.end()
})
