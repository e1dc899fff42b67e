import type { SiteTrx } from '#platform/db/site-db.ts'

/** What is left in place of a certificate. */
const NOTHING = ''

/**
 * Takes from certificates what tells of whom they were. Serial number, dates and revocation stay: a revoked certificate is
 * on the list until it expires (RFC 5280 5).
 */
export async function anonymizeCertificates(
  trx: SiteTrx,
  of: { mqttClientId: string } | { gatewayId: string },
): Promise<void> {
  const [column, id] =
    'gatewayId' in of ? (['gatewayId', of.gatewayId] as const) : (['mqttClientId', of.mqttClientId] as const)
  const certificates = await trx.selectFrom('certificates').select('id').where(column, '=', id).execute()
  for (const certificate of certificates) {
    await trx.deleteFrom('handovers').where('credentialId', '=', certificate.id).execute()
    await trx.deleteFrom('sealedSecrets').where('id', '=', certificate.id).execute()
  }
  await trx
    .updateTable('certificates')
    .set({ subject: NOTHING, pem: NOTHING, gatewayId: null, mqttClientId: null })
    .where(column, '=', id)
    .execute()
}
