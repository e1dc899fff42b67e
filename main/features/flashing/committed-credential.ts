import { ExpectedError } from '#contract/errors.ts'
import type { ExpectedCredential } from './contacts.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'

/**
 * What the board of a job whose gateway stands is to show itself with.
 *
 * @throws ExpectedError `not_found` where it became no gateway, `gateway_state_conflict` where nothing counts any more that it
 *   could show
 */
export async function committedCredential(
  { gatewayId, fingerprint, code }: Pick<FlashJobRow, 'gatewayId' | 'fingerprint' | 'code'>,
  secretOf: (gatewayId: string) => Promise<string | null>,
): Promise<ExpectedCredential> {
  if (gatewayId === null) throw new ExpectedError('not_found', { what: 'gateway', id: '?' })
  if (fingerprint !== null) return { gatewayId, fingerprint, secretId: null }
  const secretId = await secretOf(gatewayId)
  if (secretId === null)
    throw new ExpectedError('gateway_state_conflict', {
      code: code ?? '?',
      state: 'revoked',
      action: 'awaited',
    })
  return { gatewayId, fingerprint, secretId }
}
