import { useTranslation } from 'react-i18next'
import type { Examination, Finding } from '#contract/model/doctor.ts'
import type { ShownCertificate } from '#contract/model/refusal.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { asPlainText } from './copy-text.ts'
import css from './doctor.module.css'
import { useDoctorWords } from './fact-text.ts'

/** What was seen, as it can be handed on. */
export function EvidenceCard({ examination, finding }: { examination: Examination; finding: Finding }) {
  const { t } = useTranslation('doctor')
  return (
    <Card
      title={t('evidence.title')}
      end={<CopyButton value={asPlainText(examination)} label={t('evidence.copy')} />}
    >
      {finding.facts.length === 0 ? (
        <p className={css.foot}>{t('evidence.none')}</p>
      ) : (
        <Facts finding={finding} />
      )}
      {finding.certificate !== null && <Presented certificate={finding.certificate} finding={finding} />}
    </Card>
  )
}

/** Names and values of what is known. */
export function Facts({ finding: { facts } }: { finding: Finding }) {
  const { factText, factName } = useDoctorWords()
  const format = useFormat()
  return (
    <div className={css.facts}>
      <KeyValues
        pairs={facts.map((fact) => [
          factName(fact),
          <span
            key={fact.name}
            className={fact.kind === 'code' ? 'mono' : undefined}
            title={fact.kind === 'time' ? format.utc(Number(fact.value)) : undefined}
          >
            {factText(fact)}
          </span>,
        ])}
      />
    </div>
  )
}

const aboutEnd = new Set(['certificate_expired', 'certificate_ends_soon'])

function Presented({ certificate, finding }: { certificate: ShownCertificate; finding: Finding }) {
  const { t } = useTranslation('doctor')
  const format = useFormat()
  const lines: [string, string, boolean?][] = [
    [t('certificate.subject'), certificate.subject],
    [t('certificate.issuer'), certificate.issuer, finding.id === 'foreign_ca'],
    [t('certificate.serial'), certificate.serial],
    [t('certificate.notBefore'), format.utc(certificate.notBefore), finding.id === 'certificate_early'],
    [t('certificate.notAfter'), format.utc(certificate.notAfter), aboutEnd.has(finding.id)],
    [t('certificate.key'), certificate.key],
    ['SHA-256', certificate.fingerprint],
  ]
  return (
    <div className={css.pem}>
      <b>{t('certificate.title')}</b>
      <dl>
        {lines.map(([name, value, isHit]) => (
          <div key={name} className={isHit ? css.hit : undefined}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
