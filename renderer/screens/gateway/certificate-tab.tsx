import { useTranslation } from 'react-i18next'
import type { Certificate } from '#contract/api/certificates.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, Empty, KeyValues, Pill } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { BirthRecordCard } from './birth-record-card.tsx'
import css from './gateway.module.css'
import { groupedHex } from './hex.ts'
import { useCertificates } from './use-gateway.ts'

/** Every certificate that the gateway ever had, the present one first, each in full. */
export function CertificateTab({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const query = useCertificates(gateway.id, true)
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  if (query.data === undefined) return null
  const own = query.data.certificates
    .filter((certificate) => certificate.gatewayId === gateway.id)
    .sort(
      (a, b) =>
        Number(b.state === 'active') - Number(a.state === 'active') ||
        b.notBefore.getTime() - a.notBefore.getTime(),
    )
  return (
    <>
      {own.length === 0 ? (
        <Empty title={t('certificate.emptyTitle')} text={t('certificate.none')} />
      ) : (
        own.map((certificate) => <FullCertificate key={certificate.id} certificate={certificate} />)
      )}
      <BirthRecordCard gateway={gateway} />
    </>
  )
}

function FullCertificate({ certificate }: { certificate: Certificate }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const now = useNow()
  const left = certificate.notAfter.getTime() - now
  const due = certificate.state === 'active' && certificate.dueAt.getTime() <= now
  const at = (date: Date) => <span title={format.utc(date)}>{format.dateTime(date)}</span>
  return (
    <Card
      title={<span className="mono">{certificate.subject}</span>}
      end={
        <Pill {...(due || left <= 0 ? { tone: left <= 0 ? ('red' as const) : ('yellow' as const) } : {})}>
          {t(`certificate.state.${certificate.state}`)}
        </Pill>
      }
      className={css.fixed ?? ''}
    >
      <KeyValues
        pairs={[
          [t('certificate.ends'), at(certificate.notAfter)],
          [t('certificate.left'), left > 0 ? format.span(left) : t('certificate.over')],
          [t('certificate.due'), at(certificate.dueAt)],
          [t('certificate.begins'), at(certificate.notBefore)],
          certificate.revokedAt === null ? null : [t('certificate.revokedAt'), at(certificate.revokedAt)],
          certificate.revocationReason === null
            ? null
            : [t('certificate.revocationReason'), certificate.revocationReason],
          [
            t('certificate.issuer'),
            <code key="issuer" className="mono">
              {certificate.issuer ?? certificate.subject}
            </code>,
          ],
          [
            t('certificate.serial'),
            <code key="serial" className={`mono ${css.wrap}`}>
              {groupedHex(certificate.serial)}
            </code>,
          ],
          [
            t('certificate.fingerprint'),
            <code key="print" className={`mono ${css.wrap}`}>
              {groupedHex(certificate.fingerprint)}
            </code>,
          ],
          [t('certificate.key'), t('certificate.keyMade', { algorithm: certificate.keyAlgorithm })],
          [
            t('certificate.handover'),
            certificate.credentialWaiting ? t('certificate.handoverWaiting') : t('certificate.handoverDone'),
          ],
        ]}
      />
    </Card>
  )
}
