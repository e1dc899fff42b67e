import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import type { TenantScope } from '#features/access/index.ts'
import { type AuditActor, AuditDraft, type AuditService } from '#features/audit/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import { field } from '#platform/csv/csv-field.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobContext, JobKind } from '#platform/jobs/job-kind.ts'
import { type KnockRow, knockById } from '../knocks/knocks.repository.ts'
import { boxLabel } from '../labels.ts'
import type { Becomes } from './claim-order.ts'
import type { ClaimsService } from './claims.service.ts'
import { CodeNumbers } from './code-numbers.ts'

/** What is kept of a claim of many. */
export interface ManyParams extends Omit<Becomes, 'tenant'> {
  tenantId: string
  /** A pattern: `GW{n:03}`. */
  code: string
  replace: boolean
  /** Those with these ids; null: all that waited `until` then, ms. */
  knocks: string[] | null
  until: number
  actorKind: AuditActor['kind']
  address: string
  /** How far the rights went of whoever asked; null: over the tenant. */
  within: { groupIds: string[]; ownerUserId: string | null } | null
}

export interface ManyClaimsDependencies {
  db: SiteDb
  audit: AuditService
  claims: Pick<ClaimsService, 'make'>
  /** Who asked for a job. */
  askedBy(jobId: string): { id: string | null; name: string }
}

/** What became of one box: a line of the report. */
interface Row {
  box: string
  label: string | null
  mac: string | null
  code: string | null
  gateway: string | null
  error: string | null
  message: string | null
}

/** At once: while one is written, the key of the next is made. */
const AT_ONCE = 3
/** Failures that the job itself shows; all are in its file. */
const MOST_SHOWN = 100
/** Somebody else may take a code meanwhile; so often another one is tried. */
const OTHER_CODES = 5

const columns = ['box', 'label', 'mac', 'code', 'gateway', 'error', 'message'] as const

/** Claims box by box; what another run has claimed already stays claimed, so that it may be run again. */
export function claimManyJob(dependencies: ManyClaimsDependencies): JobKind {
  return {
    permission: 'claims:accept',
    afterCrash: 'resume',
    takesInput: false,
    shown: (params) => {
      const { tenantId, code, replace, knocks, group, profile, dialect } = params as unknown as ManyParams
      return { tenantId, code, replace, boxes: knocks?.length ?? null, group, profile, dialect }
    },
    run: (params, context) => new ManyClaims(dependencies, params as unknown as ManyParams, context).run(),
  }
}

class ManyClaims {
  readonly #dependencies: ManyClaimsDependencies
  readonly #params: ManyParams
  readonly #context: JobContext
  readonly #scope: TenantScope
  readonly #by: AuditActor
  readonly #rows: Row[] = []

  constructor(dependencies: ManyClaimsDependencies, params: ManyParams, context: JobContext) {
    const { tenantId, within, actorKind } = params
    this.#dependencies = dependencies
    this.#params = params
    this.#context = context
    this.#scope = {
      all: false,
      tenantId,
      within: within && { groupIds: new Set(within.groupIds), ownerUserId: within.ownerUserId },
    }
    const { id, name } = dependencies.askedBy(context.id)
    this.#by = { kind: id === null ? 'local' : actorKind, id, name }
  }

  async run(): Promise<JobData> {
    const { signal, progress } = this.#context
    const ids = await this.#boxes()
    const numbers = new CodeNumbers(this.#params.code, await this.#codes())
    const waiting = ids.values()
    const work = async () => {
      for (const id of waiting) {
        signal.throwIfAborted()
        this.#rows.push(await this.#claim(id, numbers))
        progress(this.#rows.length, ids.length)
      }
    }
    progress(0, ids.length)
    const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason
    return this.#report()
  }

  async #claim(id: string, numbers: CodeNumbers): Promise<Row> {
    const { db } = this.#dependencies
    const knock = await knockById(db, id)
    if (!knock) return rowOf(id, null, new ExpectedError('not_found', { what: 'box that knocks', id }))
    const { tenantId } = this.#params
    const known = await this.#knownAs(knock)
    // An attempt before the site ended has claimed it, or somebody else of the tenant.
    if (knock.state === 'claimed' && knock.gatewayId !== null) {
      const claimed = await gatewaysRepository.gatewayById(db, this.#scope, knock.gatewayId)
      if (claimed && knock.claimedByName === this.#by.name) return rowOf(knock, claimed, null)
    }
    // Of several with one name a person has to choose.
    if (this.#params.knocks === null && knock.flagged === 1)
      return rowOf(knock, null, new ExpectedError('claim_ambiguous', { label: nameOf(knock), count: 2 }))
    // A box that was a gateway of the tenant before keeps its code.
    const ownCode = known?.tenantId === tenantId
    return this.#make(knock, ownCode ? null : numbers)
  }

  async #make(knock: KnockRow, numbers: CodeNumbers | null): Promise<Row> {
    const { claims, audit } = this.#dependencies
    const { tenantId: tenant, group, profile, dialect, credential, replace } = this.#params
    const becomes = { tenant, group, profile, dialect, credential, replace }
    for (let attempt = 1; ; attempt++) {
      const code = numbers?.take()
      const draft = this.#draft()
      try {
        const gateway = await claims.make(this.#scope, knock, { ...becomes, code }, draft)
        return rowOf(knock, gateway, null)
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error
        const isTaken = error.code === 'code_taken' && numbers !== null
        if (isTaken && attempt < OTHER_CODES) continue
        if (code !== undefined && !isTaken) numbers?.giveBack(code)
        await audit.recordFailure(draft, 'failed', error.code)
        return rowOf(knock, null, error)
      }
    }
  }

  #draft(): AuditDraft {
    const { address, tenantId } = this.#params
    const draft = new AuditDraft({ actor: this.#by, action: 'claim.accept', address, requestId: null })
    draft.tenantId = tenantId
    draft.details = { by: 'many', job: this.#context.id }
    return draft
  }

  async #boxes(): Promise<string[]> {
    const { knocks, until } = this.#params
    if (knocks !== null) return [...new Set(knocks)]
    const waiting = await this.#dependencies.db
      .selectFrom('knocks')
      .select('id')
      .where('state', 'in', ['waiting', 'claimed'])
      .where('firstAt', '<=', until)
      // After the site ended on the way: what was claimed by then is counted, not what was before.
      .where((eb) => eb.or([eb('state', '=', 'waiting'), eb('claimedAt', '>=', until)]))
      .orderBy('id')
      .execute()
    return waiting.map(({ id }) => id)
  }

  async #codes(): Promise<string[]> {
    const rows = await this.#dependencies.db
      .selectFrom('gateways')
      .select('code')
      .where('tenantId', '=', this.#params.tenantId)
      .where('state', '!=', 'unclaimed')
      .where('deletedAt', 'is', null)
      .execute()
    return rows.map(({ code }) => code)
  }

  async #knownAs(knock: KnockRow) {
    const { db } = this.#dependencies
    if (knock.mac !== null) return gatewaysRepository.gatewayByMac(db, knock.mac)
    const label = boxLabel(knock)
    return label === undefined ? undefined : gatewaysRepository.gatewayByLabel(db, label)
  }

  async #report(): Promise<JobData> {
    const failed = this.#rows.filter(({ error }) => error !== null)
    const day = new Date(this.#params.until).toISOString().slice(0, 10)
    const file = await this.#context.makeFile(`claims-${day}.csv`, 'text/csv')
    const lines = this.#rows.map((row) => columns.map((column) => field(row[column] ?? '', false)).join(','))
    await file.write(Buffer.from(`${[columns.join(','), ...lines].join('\r\n')}\r\n`))
    return {
      boxes: this.#rows.length,
      claimed: this.#rows.length - failed.length,
      failed: failed.length,
      failures: failed.slice(0, MOST_SHOWN),
    }
  }
}

function rowOf(
  knock: KnockRow | string,
  gateway: { id: string; code: string } | null,
  error: ExpectedError | null,
): Row {
  const facts = { code: gateway?.code ?? null, gateway: gateway?.id ?? null }
  const failure = { error: error?.code ?? null, message: error?.message ?? null }
  if (typeof knock === 'string') return { box: knock, label: null, mac: null, ...facts, ...failure }
  return { box: nameOf(knock), label: knock.label, mac: knock.mac, ...facts, ...failure }
}

function nameOf({ mac, label, deviceId, id }: KnockRow): string {
  return label ?? mac ?? deviceId ?? id
}
