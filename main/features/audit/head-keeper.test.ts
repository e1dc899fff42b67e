import { mkdir, rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TestAudit } from './testing/store.ts'

let audit: TestAudit

beforeEach(async () => {
  audit = await TestAudit.open()
  await audit.record('site.setup')
  await audit.service.stop()
  // A folder in its place can be neither read nor replaced, by root as well.
  await rm(audit.headFile)
  await mkdir(audit.headFile)
})
afterEach(() => audit.close())

const told = () =>
  audit.db
    .selectFrom('auditEntries')
    .select(['seq', 'details'])
    .where('action', '=', 'audit.tampered')
    .execute()

test('a site starts where the head can be neither read nor written, tells it once, and writes it later', async () => {
  await audit.restart()
  await audit.record('gateway.suspend')
  await audit.service.flush()
  await audit.service.flush()
  expect((await told()).map(({ details }) => JSON.parse(details))).toEqual([
    { problem: 'head_changed', sealedUpTo: null },
  ])
  await rm(audit.headFile, { recursive: true })
  await audit.record('gateway.resume')
  expect(await audit.verify()).toMatchObject({
    lastSeq: 4,
    sealedSeq: 4,
    findings: [{ kind: 'recorded', seq: 2, toSeq: 2 }],
  })
})

test('what is found while it runs is told once, also where the head cannot be written', async () => {
  await rm(audit.headFile, { recursive: true })
  await audit.restart()
  await audit.record('gateway.suspend')
  await audit.service.flush()
  await rm(audit.headFile)
  await mkdir(audit.headFile)
  const before = (await told()).length
  for (const table of ['auditPersonal', 'auditEntries'] as const)
    await audit.db.deleteFrom(table).where('seq', '=', 3).execute()
  await audit.service.flush()
  await audit.service.flush()
  expect((await told()).length).toBe(before + 1)
  await rm(audit.headFile, { recursive: true })
  expect((await audit.verify()).sealedSeq).toBe((await told()).at(-1)?.seq)
})
