import type { SiteTrx } from '#platform/db/site-db.ts'

/** Which dialects there are, and whether gateways have names that these can do with: known to the engine. */
export interface EnrollmentNaming {
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
  /**
   * Asked before the transaction commits, of gateways as it leaves them.
   * @throws ExpectedError `alias_invalid`
   */
  requireNames(trx: SiteTrx, gatewayIds: readonly string[]): Promise<void>
}
