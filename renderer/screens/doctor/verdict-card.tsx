import { useTranslation } from 'react-i18next'
import type { Examination, Finding } from '#contract/model/doctor.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './doctor.module.css'
import { useDoctorWords } from './fact-text.ts'
import { Remedies } from './remedies.tsx'

/** The shape and colour of a finding: refused is orange everywhere. */
export function markOf({ severity, id }: Finding): Mark {
  if (severity === 'note') return 'passed'
  if (severity === 'warning') return 'due'
  return id === 'never_seen' || id === 'silent' ? 'offline' : 'refused'
}

/** What is most likely wrong, and what to do about it. */
export function VerdictCard(props: {
  finding: Finding
  subject: Examination['subject']
  /** The check that failed says why. */
  withWhy: boolean
}) {
  const { finding, subject } = props
  const { t } = useTranslation('doctor')
  const { sentences } = useDoctorWords()
  const { title, why, fix } = sentences(finding, subject)
  return (
    <section
      className={css.verdict}
      data-severity={finding.severity}
      data-offline={markOf(finding) === 'offline'}
      aria-label={t('verdict')}
    >
      <StateMark mark={markOf(finding)} size={32} />
      <div aria-live="polite">
        <h2>{title}</h2>
        {finding.confidence !== 'certain' && (
          <p className="sub small">{t(`confidence.${finding.confidence}`)}</p>
        )}
        {props.withWhy && <p>{why}</p>}
        <p>{fix}</p>
      </div>
      <Remedies finding={finding} subject={subject} />
    </section>
  )
}
