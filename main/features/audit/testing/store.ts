import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { AuditReport } from '#contract/model/audit.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { AuditService } from '../audit.service.ts'
import { AuditDraft } from '../audit-draft.ts'
import { AuditHeadFile } from '../audit-head.ts'
import { auditKeys } from '../audit-keys.ts'
import { cutAudit } from '../cut-audit.ts'
import { verifyAudit } from '../verify-audit.ts'

export const KEY = new Uint8Array(32).fill(7)
export const NOW = 1_800_000_000_000
const log = pino({ level: 'silent' })

/** An audit on a real store with its sealed head, and what it is proved with. */
export class TestAudit {
  readonly dir: string
  readonly db: SiteDb
  readonly headFile: string
  now = NOW
  service: AuditService

  private constructor(dir: string, db: SiteDb) {
    this.dir = dir
    this.db = db
    this.headFile = join(dir, 'audit.head')
    this.service = this.#open()
  }

  static async open(): Promise<TestAudit> {
    const dir = await mkdtemp(join(tmpdir(), 'mw-audit-'))
    return new TestAudit(dir, await openSiteDb(':memory:'))
  }

  #open(key = KEY): AuditService {
    return new AuditService(this.db, { now: () => this.now }, () => key, { file: this.headFile, log })
  }

  async restart(): Promise<void> {
    await this.service.stop()
    this.service = this.#open()
    await this.service.start(1_000)
  }

  async record(action: string, { user = 'u1', about = 'g1' }: { user?: string; about?: string } = {}) {
    this.now += 1_000
    const actor = { kind: 'user' as const, id: user, name: `name of ${user}` }
    const draft = new AuditDraft({
      actor,
      action,
      address: '10.0.0.7',
      requestId: 'r',
      path: '/api/v1/gateways',
    })
    const isUser = about.startsWith('u')
    draft.about(isUser ? 'user' : 'gateway', about, 't1', { before: 'claimed', after: 'active' })
    if (isUser) draft.personal({ after: { email: `${about}@plant.example` } })
    await this.service.record(draft, 'done')
  }

  erase(userId: string): Promise<number> {
    const actor = { kind: 'local' as const, id: null, name: 'local' }
    const by = { actor, action: 'user.erase', address: 'local', requestId: null }
    return this.db.transaction().execute((trx) => this.service.erasePersonal(trx, userId, by))
  }

  cut(before: number): Promise<number> {
    return cutAudit({ db: this.db, audit: this.service, key: () => KEY }, before, this.now)
  }

  /** As the command line proves it: the sealed head first, then the store. */
  async verify(): Promise<AuditReport> {
    await this.service.flush()
    return this.prove()
  }

  /** The same without bringing the head up before. */
  async prove(): Promise<AuditReport> {
    const keys = auditKeys(KEY)
    const head = await new AuditHeadFile(this.headFile, () => keys.head).read()
    return verifyAudit(this.db, { keys, head })
  }

  async close(): Promise<void> {
    await this.service.stop()
    await this.db.destroy()
    await rm(this.dir, { recursive: true, force: true })
  }
}
