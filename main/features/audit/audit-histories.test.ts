import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { TestAudit } from './testing/store.ts'

const users = ['u1', 'u2', 'u3']
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      user: fc.constantFrom(...users),
      about: fc.constantFrom('g1', ...users),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), user: fc.constantFrom(...users) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('cut' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What somebody with the store in their hands, and without the key, can do to it. */
const tampering = fc.record({
  how: fc.constantFrom(
    'edit',
    'delete',
    'swap',
    'truncate',
    'personal',
    'strip',
    'forge',
    'checkpoint',
    'head',
  ),
  which: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  column: fc.constantFrom('at', 'actorId', 'action', 'objectId', 'tenantId', 'outcome', 'details', 'chain'),
})

async function live(audit: TestAudit, steps: Step[]): Promise<void> {
  await audit.record('site.setup')
  for (const one of steps) {
    if (one.do === 'record') await audit.record('x.changed', one)
    else if (one.do === 'erase') await audit.erase(one.user)
    else if (one.do === 'restart') await audit.restart()
    else {
      const seqs = await seqsOf(audit)
      const upTo = seqs[Math.floor(one.share * (seqs.length - 1))] ?? 0
      const { at } = await audit.db
        .selectFrom('auditEntries')
        .select('at')
        .where('seq', '=', upTo)
        .executeTakeFirstOrThrow()
      await audit.cut(at)
    }
  }
}

async function seqsOf(audit: TestAudit): Promise<number[]> {
  const rows = await audit.db.selectFrom('auditEntries').select('seq').orderBy('seq').execute()
  return rows.map(({ seq }) => seq)
}

const run = (audit: TestAudit, statement: string) => sql.raw(statement).execute(audit.db)

async function remove(audit: TestAudit, where: string): Promise<void> {
  for (const table of ['auditSubjects', 'auditPersonal', 'auditEntries'])
    await run(audit, `delete from ${table} where ${where}`)
}

/** @returns whether anything was changed */
async function tamper(
  audit: TestAudit,
  { how, which, column }: { how: string; which: number; column: string },
): Promise<boolean> {
  const seqs = await seqsOf(audit)
  const index = Math.floor(which * seqs.length)
  const seq = seqs[index] ?? 0
  const changed = async (statement: string) => {
    const { rows } = await sql<{ seq: number }>`${sql.raw(`${statement} returning seq`)}`.execute(audit.db)
    return rows.length > 0
  }
  switch (how) {
    case 'edit': {
      const value = column === 'at' ? 'at + 1' : column === 'chain' ? `zeroblob(32)` : `'y'`
      return changed(`update auditEntries set ${column} = ${value} where seq = ${seq}`)
    }
    case 'delete':
      await remove(audit, `seq = ${seq}`)
      return true
    case 'truncate':
      await remove(audit, `seq >= ${seq}`)
      return true
    case 'swap': {
      const other = seqs[index + 1]
      if (other === undefined) return false
      await run(
        audit,
        `update auditEntries set (at, action, chain) = (select at, action, chain from auditEntries where seq = ${other}) where seq = ${seq}`,
      )
      return true
    }
    case 'personal':
      return changed(`update auditPersonal set actorName = 'y' where seq = ${seq}`)
    case 'strip': {
      // Unless that person's data was erased before, which explains it as well.
      const { rows } = await sql<{ n: number }>`
        select count(*) as n from auditEntries as one join auditEntries as erased
        where one.seq = ${seq} and erased.action = 'audit.erase' and erased.objectId = one.actorId and erased.seq > ${seq}
      `.execute(audit.db)
      return rows[0]?.n === 0 && changed(`delete from auditPersonal where seq = ${seq}`)
    }
    case 'forge':
      await run(
        audit,
        `insert into auditEntries (at, actorKind, action, outcome, details, personalHash, chain, format)
        values (1, 'local', 'x', 'done', '{}', zeroblob(32), zeroblob(32), 2)`,
      )
      return true
    case 'checkpoint':
      return changed(
        `update auditCheckpoints set entries = entries + 1 where seq = (select max(seq) from auditCheckpoints)`,
      )
    default: {
      const sealed = await readFile(audit.headFile)
      const at = Math.floor(which * sealed.length)
      sealed[at] = (sealed[at] ?? 0) ^ 0x40
      await writeFile(audit.headFile, sealed)
      return true
    }
  }
}

test('whatever was recorded, erased and cut is proved; whatever is done to it afterwards is found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), tampering, async (steps, what) => {
      const audit = await TestAudit.open()
      try {
        await live(audit, steps)
        const before = await audit.verify()
        expect(before.findings).toEqual([])
        const isChanged = await tamper(audit, what)
        expect((await audit.prove()).sound).toBe(!isChanged)
      } finally {
        await audit.close()
      }
    }),
    { numRuns: 30 },
  )
})
