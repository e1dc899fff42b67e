import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Sealer } from '#platform/secrets/sealing.ts'
import { createSiteKey, openSiteKey, SiteKey, type SiteKeyOpeners } from '#platform/secrets/site-key.ts'
import { AUDIT_KEY_USE } from './audit-key-use.ts'

/** The site key while the engine runs, and what is derived from it. */
export class SiteSecrets {
  readonly #dataDir: string
  readonly #openers: SiteKeyOpeners
  #key: SiteKey | null = null
  #auditKey = new Uint8Array()
  #pepper = new Uint8Array()
  #tokenSecret = new Uint8Array()
  #siteUrn = ''

  constructor(dataDir: string, openers: SiteKeyOpeners) {
    this.#dataDir = dataDir
    this.#openers = openers
  }

  /** @throws ExpectedError `passphrase_wrong`, `site_key_missing`, `data_damaged` */
  async open(): Promise<void> {
    this.#take(await openSiteKey(this.#dataDir, this.#openers))
  }

  /**
   * Makes the key of a new site: opened by what the host gives, else by a key file, and always by a recovery code.
   * A key that an interrupted set-up left seals nothing, and is replaced.
   */
  async create(now: number): Promise<{ recoveryCode: string }> {
    await rm(join(this.#dataDir, 'keys'), { recursive: true, force: true })
    const { external, passphrase } = this.#openers
    const opener =
      external !== undefined
        ? { kind: 'external' as const, wrappingKey: external }
        : passphrase !== undefined
          ? { kind: 'passphrase' as const, passphrase }
          : { kind: 'key-file' as const }
    const { siteKey, recoveryCode } = await createSiteKey(this.#dataDir, {
      slots: [opener, { kind: 'recovery-code' }],
      now,
    })
    this.#take(siteKey)
    return { recoveryCode: recoveryCode ?? '' }
  }

  #take(key: SiteKey): void {
    this.#key = key
    this.#auditKey = new Uint8Array(key.derive(AUDIT_KEY_USE))
    this.#pepper = new Uint8Array(key.derive('password-pepper'))
    this.#tokenSecret = new Uint8Array(key.derive('access-tokens'))
    this.#siteUrn = `urn:millwright:site:${key.derive('site-name').toString('hex', 0, 16)}`
  }

  readonly auditKey = (): Uint8Array => this.#auditKey
  readonly pepper = (): Uint8Array => this.#pepper
  /** What access tokens are signed with, and this site's name in them. */
  readonly tokenKey = () => ({ secret: this.#tokenSecret, issuer: this.#siteUrn })

  /** Before set-up nothing that lasts is sealed: a key of the moment serves. */
  sealer(): Sealer {
    return new Sealer(this.#key ?? new SiteKey(randomBytes(32)))
  }

  destroy(): void {
    this.#key?.destroy()
    this.#auditKey.fill(0)
    this.#pepper.fill(0)
    this.#tokenSecret.fill(0)
  }
}
