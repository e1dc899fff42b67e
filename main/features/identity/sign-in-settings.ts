import type { SignInSettings } from '#contract/api/sign-in.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'

const KEY = 'sign-in'

/** Nobody registers, no character classes, no lock. */
const defaults: SignInSettings = {
  registration: { isOpen: false, role: 'viewer' },
  passwordClasses: false,
  idleLockMinutes: null,
}

/** How people sign in to the site, as its administrators chose. */
export class SignInSettingsService {
  readonly #db: SiteDb
  readonly #audit: AuditService
  #current: SignInSettings = defaults

  constructor({ db, audit }: { db: SiteDb; audit: AuditService }) {
    this.#db = db
    this.#audit = audit
  }

  async start(): Promise<void> {
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('key', '=', KEY)
      .executeTakeFirst()
    if (row) this.#current = { ...defaults, ...(JSON.parse(row.value) as Partial<SignInSettings>) }
  }

  get current(): SignInSettings {
    return this.#current
  }

  /** ms; null: never. */
  readonly lockAfter = (): number | null => {
    const { idleLockMinutes } = this.#current
    return idleLockMinutes === null ? null : idleLockMinutes * 60_000
  }

  async update(settings: SignInSettings, audit: AuditDraft): Promise<SignInSettings> {
    const before = this.#current
    const value = JSON.stringify(settings)
    await this.#db.transaction().execute(async (trx) => {
      await trx
        .insertInto('settings')
        .values({ key: KEY, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute()
      await this.#audit.recordIn(trx, audit.about('site', KEY, null, { before, after: settings }))
    })
    this.#current = settings
    return settings
  }
}
