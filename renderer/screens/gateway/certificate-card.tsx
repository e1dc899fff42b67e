import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { shortHex } from './hex.ts'
import { useCertificates } from './use-gateway.ts'

/** The certificate that the gateway proves itself with. */
export function CertificateCard({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const now = useNow()
  const certificate = gateway.certificate
  const listed = useCertificates(gateway.id, certificate !== null).data?.certificates.find(
    (one) => one.serial === certificate?.serial,
  )
  return (
    <Card
      title={t('certificate.title')}
      end={
        <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }} search={{ tab: 'certificate' }}>
          {t('certificate.all')}
        </Link>
      }
    >
      {certificate === null ? (
        <p className="sub small" style={{ padding: '12px 16px' }}>
          {gateway.state === 'revoked' ? t('certificate.revoked') : t('certificate.none')}
        </p>
      ) : (
        <KeyValues
          pairs={[
            listed === undefined || listed.state === 'active'
              ? null
              : [
                  t('certificate.stateNow'),
                  <span key="state" style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
                    <StateMark mark={listed.state === 'revoked' ? 'revoked' : 'suspended'} size={14} />
                    {t(`certificate.state.${listed.state}`)}{' '}
                    {listed.revokedAt === null ? '' : format.dateTime(listed.revokedAt)}
                  </span>,
                ],
            [
              t('certificate.ends'),
              <span key="ends" title={format.utc(certificate.notAfter)}>
                {certificate.notAfter.getTime() > now
                  ? t('certificate.endsIn', {
                      date: format.date(certificate.notAfter),
                      span: format.span(certificate.notAfter.getTime() - now),
                    })
                  : t('certificate.ended', {
                      date: format.date(certificate.notAfter),
                      span: format.span(now - certificate.notAfter.getTime()),
                    })}
              </span>,
            ],
            listed === undefined || listed.state !== 'active'
              ? null
              : [
                  t('certificate.due'),
                  <span
                    key="due"
                    style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}
                    title={format.utc(listed.dueAt)}
                  >
                    {listed.dueAt.getTime() <= now && <StateMark mark="due" size={14} />}
                    {format.date(listed.dueAt)}
                  </span>,
                ],
            [
              t('certificate.issuer'),
              <span key="issuer" title={certificate.issuer}>
                {commonName(certificate.issuer)}
              </span>,
            ],
            [t('certificate.serial'), <Hex key="serial" text={certificate.serial} />],
            [t('certificate.fingerprint'), <Hex key="fingerprint" text={certificate.fingerprint} />],
            [t('certificate.key'), t('certificate.keyMade', { algorithm: certificate.keyAlgorithm })],
          ]}
        />
      )}
    </Card>
  )
}

/** The CN of a distinguished name, or all of it. */
export function commonName(name: string): string {
  return /(?:^|[,\n]\s*)CN=((?:\\.|[^,\n])+)/.exec(name)?.[1] ?? name
}

function Hex({ text }: { text: string }) {
  return (
    <span className="mono" title={text}>
      {shortHex(text)}
    </span>
  )
}
