import { ExpectedError } from '#contract/errors.ts'
import { renewalDueAt } from '#contract/model/certificate.ts'
import type { Procedures, TenantScope } from '#features/access/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { crlState, listCertificates } from './certificates.repository.ts'
import type { Pki } from './pki.service.ts'

export interface CertificatesRouterDependencies {
  db: SiteDb
  pki: Pki
  /** Finds what a caller names, in scope. */
  gatewayId(scope: TenantScope, reference: { gateway: string; tenant?: string | undefined }): Promise<string>
  tenantId(scope: TenantScope, reference: string): Promise<string>
}

export function createCertificatesRouter(
  { certificates }: Procedures,
  { db, pki, gatewayId, tenantId }: CertificatesRouterDependencies,
) {
  return {
    list: certificates.list.handler(async ({ input: { gateway, tenant }, context }) => {
      const rows = await listCertificates(db, context.scope, {
        gatewayId: gateway === undefined ? null : await gatewayId(context.scope, { gateway, tenant }),
        tenantId: tenant === undefined ? null : await tenantId(context.scope, tenant),
      })
      return {
        certificates: rows.map(({ notBefore, notAfter, revokedAt, waitingCertificateId, ...row }) => ({
          ...row,
          notBefore: new Date(notBefore),
          notAfter: new Date(notAfter),
          dueAt: new Date(renewalDueAt(notBefore, notAfter)),
          revokedAt: revokedAt === null ? null : new Date(revokedAt),
          credentialWaiting: waitingCertificateId !== null,
        })),
      }
    }),
    crl: certificates.crl.handler(async () => {
      const state = await crlState(db)
      if (!state) throw new ExpectedError('setup_required')
      const { number, thisUpdate, nextUpdate, entries } = state
      return { number, thisUpdate: new Date(thisUpdate), nextUpdate: new Date(nextUpdate), entries }
    }),
    ca: certificates.ca.handler(async () => ({ devicePem: await pki.caPem(), webPem: await pki.webCaPem() })),
  }
}
