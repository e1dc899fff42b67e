import { ExpectedError } from '#contract/errors.ts'
import type { PlannedGateway } from '#contract/model/flash.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { type BenchRunRow, runById, updateRun } from './bench-runs.repository.ts'
import { type FlashJobRow, jobById, jobsOfRun, reservedCodes, updateJob } from './flash-jobs.repository.ts'
import { fillPattern, hasNumber } from './naming-pattern.ts'

/** What a new gateway is called; null: what it is called already. */
export interface GivenName {
  code: string
  name: string
}

/** As boards without a name of their own are labelled (domain.md, A gateway). */
export function likelyLabel(mac: string): string {
  return `ESP-${mac.replaceAll(':', '').slice(-6).toUpperCase()}`
}

/**
 * The name of the gateway that a new board becomes, kept for its job in one transaction: the plan's line of its MAC, else the next
 * line without one, else the next number of the pattern. A job that has a code keeps it, and so does a board whose earlier
 * job of this run came to nothing.
 *
 * @throws ExpectedError `plan_used_up`, `code_taken`
 */
export async function reserveName(
  db: SiteDb,
  of: { jobId: string; runId: string; mac: string; label: string },
): Promise<GivenName> {
  return db.transaction().execute(async (trx) => {
    const run = await runById(trx, { all: true }, of.runId)
    if (!run) throw new ExpectedError('not_found', { what: 'run', id: of.runId })
    const jobs = await jobsOfRun(trx, run.id)
    const given = await chooseName(trx, run, jobs, of)
    await updateJob(trx, of.jobId, given)
    return given
  })
}

async function chooseName(
  trx: SiteTrx,
  run: BenchRunRow,
  jobs: readonly FlashJobRow[],
  { jobId, mac, label }: { jobId: string; mac: string; label: string },
): Promise<GivenName> {
  const { setup } = run
  const own = jobs.find(({ id }) => id === jobId)
  const earlier = jobs.findLast(
    (job) => job.id !== jobId && job.mac === mac && job.code !== null && job.committedAt === null,
  )
  const held = own?.code ?? earlier?.code ?? null
  const named = (code: string, n: number, name?: string): GivenName => ({
    code,
    name: name || fillPattern(setup.namePattern, { n, mac, label }),
  })
  const line = setup.plan.length > 0 ? plannedLine(run, jobs, { jobId, mac, held }) : null
  if (line) return named(line.code, run.nextNumber, line.name)
  if (held !== null) return named(held, numberIn(held))
  const reserved = await reservedCodes(trx, run.tenantId, jobId)
  const isTaken = async (code: string) =>
    reserved.has(code) || (await gatewaysRepository.codeIsTaken(trx, run.tenantId, code)) !== undefined
  for (let n = run.nextNumber; ; n++) {
    const code = fillPattern(setup.codePattern, { n, mac, label })
    if (!(await isTaken(code))) {
      await updateRun(trx, run.id, { nextNumber: n + 1 })
      return named(code, n)
    }
    if (!hasNumber(setup.codePattern)) throw new ExpectedError('code_taken', { code })
  }
}

/**
 * A board that is a gateway already stays who it is: another code that a person or the plan gives to it is refused, not
 * forgotten.
 *
 * @throws ExpectedError `board_has_code`
 */
export async function requireOwnCode(
  db: SiteDb,
  { jobId, run, mac, code }: { jobId: string; run: BenchRunRow; mac: string; code: string },
): Promise<void> {
  const job = await jobById(db, { all: true }, jobId)
  // One that a job took for its board comes with a name.
  const asked = job?.name === null ? job.code : null
  const planned = run.setup.plan.find((line) => line.mac !== undefined && normalizeMac(line.mac) === mac)
  for (const given of [asked, planned?.code])
    if (given !== null && given !== undefined && given !== code)
      throw new ExpectedError('board_has_code', { mac, code: given })
}

/** Digits at the end of a code: for names after the same number. */
function numberIn(code: string): number {
  return Number(/(\d+)\D*$/.exec(code)?.[1] ?? 0)
}

/** @throws ExpectedError `plan_used_up` */
function plannedLine(
  run: BenchRunRow,
  jobs: readonly FlashJobRow[],
  { jobId, mac, held }: { jobId: string; mac: string; held: string | null },
): PlannedGateway {
  const { plan } = run.setup
  const own = plan.find((line) => line.mac !== undefined && normalizeMac(line.mac) === mac)
  const kept = plan.find((line) => line.code === held)
  const line =
    own ??
    kept ??
    nextLine(
      plan,
      jobs.filter(({ id }) => id !== jobId),
    )
  if (!line) throw new ExpectedError('plan_used_up', { count: plan.length })
  return line
}

/** The first line for any board that no job has. */
export function nextLine(
  plan: readonly PlannedGateway[],
  jobs: readonly Pick<FlashJobRow, 'code'>[],
): PlannedGateway | undefined {
  const used = new Set(jobs.map(({ code }) => code))
  return plan.find((line) => line.mac === undefined && !used.has(line.code))
}

/** The names that the next new boards of a run would get; their MACs are not known yet. */
export async function peekNames(
  db: SiteDb,
  of: {
    tenantId: string
    setup: BenchRunRow['setup']
    nextNumber: number
    jobs: readonly FlashJobRow[]
  },
  count: number,
): Promise<GivenName[]> {
  const { tenantId, setup, jobs } = of
  const place = { mac: null, label: 'ESP-000000' }
  if (setup.plan.length > 0) {
    const used = new Set(jobs.map(({ code }) => code))
    const lines = setup.plan.filter(({ code }) => !used.has(code)).slice(0, count)
    return lines.map(({ code, name }) => ({
      code,
      name: name || fillPattern(setup.namePattern, { n: of.nextNumber, ...place }),
    }))
  }
  const reserved = await reservedCodes(db, tenantId, '')
  const names: GivenName[] = []
  for (let n = of.nextNumber; names.length < count && n < of.nextNumber + 10_000; n++) {
    const code = fillPattern(setup.codePattern, { n, ...place })
    const isTaken =
      reserved.has(code) || (await gatewaysRepository.codeIsTaken(db, tenantId, code)) !== undefined
    if (!isTaken || !hasNumber(setup.codePattern))
      names.push({ code, name: fillPattern(setup.namePattern, { n, ...place }) })
    if (!hasNumber(setup.codePattern)) break
  }
  return names
}

/** A board is given this line or code by hand: whoever kept it for nothing gives it up. @throws ExpectedError `plan_unknown_code`, `code_taken` */
export async function takeCode(db: SiteDb, run: BenchRunRow, code: string): Promise<void> {
  const { plan } = run.setup
  if (plan.length > 0 && !plan.some((line) => line.code === code))
    throw new ExpectedError('plan_unknown_code', { code })
  await db.transaction().execute(async (trx) => {
    for (const job of await jobsOfRun(trx, run.id)) {
      if (job.code !== code) continue
      if (job.state === 'running' || job.committedAt !== null) throw new ExpectedError('code_taken', { code })
      await updateJob(trx, job.id, { code: null, name: null })
    }
  })
}
