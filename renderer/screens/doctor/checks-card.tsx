import { useTranslation } from 'react-i18next'
import type { Check, Examination, Fact, Finding } from '#contract/model/doctor.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './doctor.module.css'
import { useDoctorWords } from './fact-text.ts'

const marks: Record<Check['result'], Mark> = {
  passed: 'passed',
  would_pass: 'passed',
  warned: 'due',
  failed: 'refused',
  not_reached: 'waiting',
  unknown: 'waiting',
}

/** The way of a connection, step by step. */
export function ChecksCard(props: {
  checks: readonly Check[]
  finding: Finding
  subject: Examination['subject']
}) {
  const { t } = useTranslation('doctor')
  const { factText, sentences } = useDoctorWords()
  const { checks, finding } = props
  const short = (fact: Fact): string => {
    if (fact.name === 'count') return t('checks.tries', { count: Number(fact.value) })
    if (fact.name === 'notAfter') return t('checks.until', { date: factText(fact) })
    return fact.name === 'lastAt' ? t('checks.last', { time: factText(fact) }) : factText(fact)
  }
  const count = (result: Check['result']) => checks.filter((check) => check.result === result).length
  return (
    <Card
      className={css.checks ?? ''}
      title={t('checks.title')}
      end={t('checks.count', { passed: count('passed'), failed: count('failed') })}
    >
      <ol className={css.chain}>
        {checks.map(({ stage, result, facts }) => (
          <li key={stage} data-result={result}>
            <StateMark mark={marks[result]} />
            <span className={result === 'failed' ? 'strong' : undefined}>{t(`stage.${stage}`)}</span>
            <span className={css.seen}>{facts.map(short).join(' · ')}</span>
            <span className={css.result}>{t(`result.${result}`)}</span>
            {result === 'failed' && stage === finding.stage && (
              <p className={css.why}>{sentences(finding, props.subject).why}</p>
            )}
          </li>
        ))}
      </ol>
      <p className={css.foot}>{t('checks.foot')}</p>
    </Card>
  )
}
