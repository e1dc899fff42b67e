import { pino } from 'pino'
import { type Actor, localSiteAdmin, scopeOf, type TenantScope, wholeTenant } from '#features/access/index.ts'
import { readCsrDer } from '#features/pki/index.ts'
import { type EnrollmentSite, enrollmentSite } from '../enrollment-site.fixture.ts'
import { BootstrapService } from '../knocks/bootstrap.service.ts'
import { KnockBook } from '../knocks/knock-book.ts'
import { ReferenceBoxes } from '../reference/reference-boxes.service.ts'
import { ClaimWindows } from './claim-windows.ts'
import { type Claim, ClaimsService } from './claims.service.ts'
import { UnclaimService } from './unclaim.service.ts'

/** What people and boxes have to do with each other, on a real store. */
export interface ClaimSite extends Services {
  site: EnrollmentSite
  /** The services anew, as after a power cut: what was only in memory is gone. */
  restart(): Promise<void>
  claim(actor: Actor, claim: Partial<Claim>): ReturnType<ClaimsService['accept']>
  close(): Promise<void>
}

interface Services {
  book: KnockBook
  windows: ClaimWindows
  claims: ClaimsService
  bootstrap: BootstrapService
  references: ReferenceBoxes
  unclaiming: UnclaimService
}

export async function claimSite(): Promise<ClaimSite> {
  const site = await enrollmentSite()
  const services = await open(site)
  const at: ClaimSite = {
    site,
    ...services,
    async restart() {
      this.windows.stop()
      Object.assign(this, await open(site))
    },
    claim(actor, claim) {
      return this.claims.accept(
        { actor, scope: scopeOf(actor) },
        { replace: false, ...claim },
        site.draft('claim.accept'),
      )
    },
    async close() {
      this.windows.stop()
      await this.book.stop()
      await site.close()
    },
  }
  return at
}

async function open(site: EnrollmentSite): Promise<Services> {
  const shared = { ...site, log: pino({ level: 'silent' }) }
  const book = new KnockBook(shared)
  const windows = new ClaimWindows(shared)
  const readKey = (csr: Uint8Array) => readCsrDer(csr).publicKey
  const claims = new ClaimsService({ ...shared, book, windows, readKey, requireDialect: () => {} })
  const bootstrap = new BootstrapService({ ...shared, book })
  const references = new ReferenceBoxes({ ...shared, book, windows, bootstrap })
  const revoker = {
    revokeIn: async (...[trx, id, , now]: Parameters<UnclaimRevoke>) => {
      await site.pki.revokeCertificates(trx, id, 'unspecified', now)
      await site.pki.revokeSecrets(trx, id, now)
    },
    afterRevocation: async () => {},
  }
  const unclaiming = new UnclaimService({ ...shared, book, revoker, cancelCommands: async () => {} })
  await book.start()
  await windows.start()
  return { book, windows, claims, bootstrap, references, unclaiming }
}

type UnclaimRevoke = ConstructorParameters<typeof UnclaimService>[0]['revoker']['revokeIn']

/** Of the site. */
export const admin: Actor = localSiteAdmin

/** An operator of a whole tenant, or of a part of it. */
export function operatorOf(tenantId: string, within: (TenantScope & { all: false })['within'] = null): Actor {
  const scope: TenantScope = { ...wholeTenant(tenantId), within } as TenantScope
  return {
    kind: 'api_key',
    id: tenantId,
    name: `operator of ${tenantId}`,
    permissions: ['claims:accept'],
    scope,
  }
}

export const from = (address = '10.0.0.1') => ({ address, requestId: 'r', path: '/' })

/** The entries of the audit so far, by what they say was done. */
export async function auditedActions(site: EnrollmentSite): Promise<string[]> {
  const rows = await site.db.selectFrom('auditEntries').select(['action', 'outcome']).orderBy('seq').execute()
  return rows.map(({ action, outcome }) => `${action} ${outcome}`)
}
