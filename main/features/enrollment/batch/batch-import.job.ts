import { readFile } from 'node:fs/promises'
import { ExpectedError } from '#contract/errors.ts'
import type { GatewayImportResult, RowOutcome } from '#contract/model/gateway-import.ts'
import type { JobData } from '#contract/model/job.ts'
import type { TenantScope } from '#features/access/index.ts'
import { type AuditActor, AuditDraft } from '#features/audit/index.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import type { EnrollmentService } from '../enrollment.service.ts'
import type { Plan, PlannedRow } from './batch-plan.ts'
import { reportCsv } from './batch-report.ts'
import { type BatchRow, type RowProblem, readBatch } from './batch-rows.ts'
import { openScope, type SavedScope } from './saved-scope.ts'

/** What a batch is asked for with; as JSON with its job. */
export interface BatchParams {
  fileName: string
  scope: SavedScope
  group: string | null
  profile: string | null
  createGroups: boolean
  by: AuditActor
  address: string
}

/** A row and what became of it, as it is kept with the job. */
export interface BatchOutcome extends Omit<BatchRow, 'problem'> {
  outcome: RowOutcome | null
  gatewayId: string | null
  problem: RowProblem | null
}

export interface BatchJobDependencies {
  enrollment: Pick<EnrollmentService, 'enroll'>
  plan(rows: readonly BatchRow[], params: BatchParams): Promise<Plan>
  /** Makes a group by its path; all above it are there. */
  makeGroup(scope: TenantScope, tenantId: string, path: string, audit: AuditDraft): Promise<void>
  /** Who asked for the job, where that is somebody else than `params.by`: it was started again. */
  creatorOf(jobId: string): { id: string | null; name: string } | undefined
}

/** At once: while one row is written, the next ones have their keys made. */
const AT_ONCE = 4
/** So often in a job what became of the rows is put on disk; what is newer is found out again. */
const CHECKPOINTS = 20

/** Creates the gateways of a CSV, row by row. Done twice it finds what is there, and does the rest. */
export function batchImportJob(dependencies: BatchJobDependencies): JobKind {
  return {
    permission: 'gateways:write',
    afterCrash: 'resume',
    takesInput: true,
    shown: ({ fileName, createGroups, group, profile }) => ({ fileName, createGroups, group, profile }),
    run: (params, context) => run(dependencies, params as unknown as BatchParams, context),
  }
}

/** What became of the rows so far. */
export function outcomesOf(checkpoint: unknown): BatchOutcome[] {
  return (checkpoint as { rows: BatchOutcome[] } | null)?.rows ?? []
}

async function run(
  dependencies: BatchJobDependencies,
  params: BatchParams,
  context: JobContext,
): Promise<JobData> {
  const file = await readBatch(await readFile(context.input))
  const plan = await dependencies.plan(file.rows, params)
  const before = new Map(outcomesOf(context.checkpoint).map((row) => [row.line, row]))
  const rows = plan.rows.map((row) => foundOut(row, before.get(row.line), madeAt(context.id)))
  const batch = { ...dependencies, params, context, by: actorOf(dependencies, params, context) }
  await makeGroups(batch, plan)
  let done = rows.filter(({ outcome }) => outcome !== null).length
  const save = () => context.saveCheckpoint({ rows })
  const open = rows.flatMap((row, at) => (row.outcome === null ? [{ row, planned: plan.rows[at] }] : []))
  const every = Math.max(25, Math.ceil(rows.length / CHECKPOINTS))
  let sinceSaved = 0
  context.progress(done, rows.length)
  const work = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      context.signal.throwIfAborted()
      await enroll(batch, next.row, next.planned)
      done += 1
      context.progress(done, rows.length)
      sinceSaved += 1
      if (sinceSaved < every) continue
      sinceSaved = 0
      await save()
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
  await save()
  for (const worker of ended) if (worker.status === 'rejected') throw worker.reason
  const part = await context.makeFile(reportName(params.fileName), 'text/csv; charset=utf-8')
  await part.write(Buffer.from(reportCsv(rows)))
  return countsOf(rows)
}

type Batch = BatchJobDependencies & { params: BatchParams; context: JobContext; by: AuditActor }

async function enroll(batch: Batch, row: BatchOutcome, planned: PlannedRow | undefined): Promise<void> {
  const { enrollment, params, context } = batch
  const { mac, code, name, group, profile } = row
  try {
    const { made } = await enrollment.enroll(
      {
        mac,
        code,
        name,
        tenant: params.scope.tenantId,
        group: group ?? undefined,
        profile: profile ?? undefined,
        label: undefined,
        dialect: undefined,
        credential: undefined,
        keyAlgorithm: undefined,
        replace: false,
        reason: 'imported',
      },
      openScope(params.scope),
      draftOf(batch, { code, mac, job: context.id, line: row.line }),
      async () => undefined,
    )
    row.gatewayId = made.gatewayId
    row.outcome = planned?.verdict === 'again' ? 'again' : 'created'
  } catch (error) {
    // Anything else is no fault of the row: the job ends with it.
    if (!(error instanceof ExpectedError)) throw error
    row.outcome = 'failed'
    row.problem = { code: error.code, data: error.data }
  }
}

async function makeGroups(batch: Batch, { newGroups }: Plan): Promise<void> {
  const { makeGroup, params, context } = batch
  for (const path of newGroups) {
    context.signal.throwIfAborted()
    const draft = draftOf(batch, { path, job: context.id }, 'group.create')
    try {
      await makeGroup(openScope(params.scope), params.scope.tenantId, path, draft)
      context.log('group_made', { path })
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      // Its rows say that there is none.
      context.log('group_failed', { path, code: error.code })
    }
  }
}

/** What is known of a row before anything is done for it. */
function foundOut(
  { verdict, problem, gatewayId, claimedAt, ...row }: PlannedRow,
  before: BatchOutcome | undefined,
  jobMadeAt: number,
): BatchOutcome {
  if (before !== undefined && before.outcome !== null && before.outcome !== 'failed') return before
  if (verdict === 'problem') return { ...row, outcome: 'failed', gatewayId, problem }
  if (verdict !== 'same') return { ...row, outcome: null, gatewayId, problem: null }
  // Made by an attempt of this job that did not get to say so.
  const isOurs = claimedAt !== null && claimedAt >= jobMadeAt
  return { ...row, outcome: isOurs ? 'created' : 'same', gatewayId, problem: null }
}

/** When a job was asked for, by its id: UUIDv7 begins with ms since 1970 (RFC 9562 5.7). */
function madeAt(jobId: string): number {
  return Number.parseInt(jobId.replaceAll('-', '').slice(0, 12), 16)
}

function actorOf({ creatorOf }: BatchJobDependencies, { by }: BatchParams, { id }: JobContext): AuditActor {
  const creator = creatorOf(id)
  if (creator === undefined || (creator.id === by.id && creator.name === by.name)) return by
  return { kind: creator.id === null ? 'local' : 'user', ...creator }
}

function draftOf(
  { params, by }: Batch,
  details: Record<string, unknown>,
  action = 'gateway.provision',
): AuditDraft {
  const draft = new AuditDraft({ actor: by, action, address: params.address, requestId: null })
  draft.tenantId = params.scope.tenantId
  draft.details = details
  return draft
}

function countsOf(rows: readonly BatchOutcome[]): GatewayImportResult {
  const counts = { created: 0, again: 0, same: 0, failed: 0 }
  for (const { outcome } of rows) if (outcome !== null) counts[outcome] += 1
  return counts
}

/** `gateways.csv` -> `gateways-report.csv` */
function reportName(fileName: string): string {
  return `${fileName.replace(/\.[A-Za-z0-9]{1,5}$/, '') || 'gateways'}-report.csv`
}
