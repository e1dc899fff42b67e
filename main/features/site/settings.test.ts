import { expect, test } from 'vitest'
import { openSiteDb } from '#platform/db/site-db.ts'
import { defaultNetwork } from './network.ts'
import { readSetting, writeSetting } from './settings.repository.ts'

test('a setting is what was written last, and null before', async () => {
  const db = await openSiteDb(':memory:')
  expect(await readSetting(db, 'network')).toBeNull()
  const changed = { ...defaultNetwork, names: ['plant.local'] }
  for (const value of [defaultNetwork, changed])
    await db.transaction().execute((trx) => writeSetting(trx, 'network', value))
  expect(await readSetting(db, 'network')).toEqual(changed)
  await db.destroy()
})

test('a setting of a transaction that fails is not there', async () => {
  const db = await openSiteDb(':memory:')
  const failing = db.transaction().execute(async (trx) => {
    await writeSetting(trx, 'site', { name: 'Plant 1', setUpAt: 1 })
    throw new Error('power cut')
  })
  await expect(failing).rejects.toThrow('power cut')
  expect(await readSetting(db, 'site')).toBeNull()
  await db.destroy()
})
