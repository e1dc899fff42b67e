import type { Procedures } from '#features/access/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { CredentialRenewal } from './credential-renewal.ts'
import type { CredentialsService } from './credentials.service.ts'
import type { EnrollmentService } from './enrollment.service.ts'

export function createEnrollmentRouter(
  { gateways, certificates }: Procedures,
  {
    enrollment,
    credentials,
    renewal,
    pki,
  }: { enrollment: EnrollmentService; credentials: CredentialsService; renewal: CredentialRenewal; pki: Pki },
) {
  return {
    provision: gateways.provision.handler(async ({ input, context }) => {
      const { actor, scope, request } = context
      const made = await enrollment.provision(
        input,
        { actor, scope, idempotencyKey: request.idempotencyKey },
        context.audit,
      )
      return enrollment.answer(made.gateway, made.handover, await pki.caPem())
    }),
    renewCredential: gateways.renewCredential.handler(async ({ input, context }) => {
      const { gateway, handover } = await renewal.renew(context.scope, input, context.audit)
      return enrollment.answer(gateway, handover, await pki.caPem())
    }),
    credentials: certificates.credentials.handler(async ({ input, context }) => {
      const { name, bytes } = await credentials.zip(context.scope, input, context.audit)
      return new File([new Uint8Array(bytes)], name, { type: 'application/zip' })
    }),
    received: certificates.received.handler(async ({ input, context }) => {
      await credentials.confirmReceived(context.scope, input, context.audit)
      return { erased: true as const }
    }),
  }
}
