import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChangeStamps, nodeOf, stampOf, stampTime } from './change-stamps.ts'
import { openSiteDb } from './site-db.ts'

const NODE = 'a1b2c3d4'

test('a stamp is text in the order of time, with the node that made it', () => {
  const stamps = new ChangeStamps({ now: () => 1_771_322_400_000 })
  expect(stamps.next(NODE)).toBe('1771322400000-0000-a1b2c3d4')
  expect(stamps.next(NODE)).toBe('1771322400000-0001-a1b2c3d4')
  expect(stampTime(stamps.next(NODE))).toBe(1_771_322_400_000)
  expect(nodeOf('A1B2C3D4-0000-7000-8000-000000000001')).toBe(NODE)
})

test('however clocks jump and whatever is seen, the next stamp is later than all', () => {
  const step = fc.oneof(
    fc.record({ clock: fc.integer({ min: 0, max: 4_000_000_000_000 }) }),
    fc.record({
      seen: fc.tuple(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: 0, max: 0xffff })),
    }),
    fc.constant({ next: true }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = { at: 1_000 }
      const stamps = new ChangeStamps({ now: () => clock.at })
      let latest = ''
      for (const one of [...steps, { next: true }]) {
        if ('clock' in one) clock.at = one.clock
        else if ('seen' in one) {
          const stamp = stampOf(...one.seen, 'cccccccc')
          stamps.seen(stamp)
          if (stamp > latest) latest = stamp
        } else {
          const stamp = stamps.next(NODE)
          expect(stamp.slice(0, 18) > latest.slice(0, 18)).toBe(true)
          expect(stamp).toMatch(/^\d{13}-[0-9a-f]{4}-a1b2c3d4$/)
          latest = stamp
        }
      }
    }),
  )
})

test('the counter carries over into the time; a stamp that nobody’s clock made is not followed', () => {
  const stamps = new ChangeStamps({ now: () => 5 })
  stamps.seen('0000000000009-ffff-cccccccc')
  expect(stamps.next(NODE)).toBe('0000000000010-0000-a1b2c3d4')
  for (const made of ['9999999999999-ffff-cccccccc', 'rubbish', '', '1771322400000-0000']) stamps.seen(made)
  expect(stamps.next(NODE)).toBe('0000000000010-0001-a1b2c3d4')
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-stamps-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a store opened again with a clock that was set back goes on after its newest stamp', async () => {
  const file = join(folder, 'site.sqlite')
  const first = await openSiteDb(file, { now: () => 2_000 })
  await first
    .insertInto('cloudVersions')
    .values({ entity: 'gateway', id: 'g', field: 'name', stamp: '0000000002000-0007-a1b2c3d4' })
    .execute()
  await first.destroy()
  const again = await openSiteDb(file, { now: () => 1_000 })
  const { rows } = await sql<{ stamp: string }>`select cloud_stamp(${NODE}) as stamp`.execute(again)
  expect(rows).toEqual([{ stamp: '0000000002000-0008-a1b2c3d4' }])
  await again.destroy()
})
