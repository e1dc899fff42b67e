import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Examination, Finding } from '#contract/model/doctor.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './doctor.module.css'
import { Facts } from './evidence-card.tsx'
import { useDoctorWords } from './fact-text.ts'
import { Remedies } from './remedies.tsx'
import { markOf } from './verdict-card.tsx'

/** What else was found, each with its fix and its evidence. */
export function OtherFindings(props: { findings: readonly Finding[]; subject: Examination['subject'] }) {
  const { t } = useTranslation('doctor')
  return (
    <Card
      className={css.card ?? ''}
      title={t('others.title')}
      end={t('others.count', { count: props.findings.length })}
    >
      <ul>
        {props.findings.map((finding) => (
          <Item key={`${finding.id} ${finding.title}`} finding={finding} subject={props.subject} />
        ))}
      </ul>
    </Card>
  )
}

function Item({ finding, subject }: { finding: Finding; subject: Examination['subject'] }) {
  const { t } = useTranslation('doctor')
  const { sentences } = useDoctorWords()
  const [open, setOpen] = useState(false)
  const { title, why, fix } = sentences(finding, subject)
  return (
    <li className={css.item}>
      <button
        type="button"
        className={css.itemHead}
        aria-expanded={open}
        onClick={() => setOpen((was) => !was)}
      >
        <Icon name={open ? 'chevron-down' : 'chevron-right'} size={14} />
        <StateMark mark={markOf(finding)} />
        <span className="strong">{title}</span>
        <span className="sub small push">{t(`confidence.${finding.confidence}`)}</span>
      </button>
      {open && (
        <div className={css.itemBody}>
          <div>
            <p>{why}</p>
            <p className="sec">{fix}</p>
            <Remedies finding={finding} subject={subject} small />
          </div>
          <Facts finding={finding} />
        </div>
      )}
    </li>
  )
}
