import type { SiteTrx } from '#platform/db/site-db.ts'

/** What gateways may speak and be called: known to the engine, which knows the dialects. */
export interface Naming {
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
  /**
   * Whether these gateways, as the transaction leaves them, have names that their dialects can do with: asked before it commits.
   * @throws ExpectedError `alias_invalid`
   */
  requireNames(trx: SiteTrx, gatewayIds: readonly string[]): Promise<void>
}
