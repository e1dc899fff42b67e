import { useTranslation } from 'react-i18next'
import type { Examination, Fact, Finding } from '#contract/model/doctor.ts'
import { useFormat } from '#renderer/ui/format.ts'

/** Facts and findings in the person's language. */
export function useDoctorWords() {
  const { t } = useTranslation(['doctor', 'refusals'])
  const format = useFormat()
  const factText = ({ name, kind, value }: Fact): string => {
    switch (kind) {
      case 'time':
        return format.dateTime(Number(value))
      case 'span':
        return format.span(Number(value))
      case 'number':
        // A port is a name.
        return /port/i.test(name) ? String(value) : format.integer(Number(value))
      case 'word':
        return name === 'reason' ? t(`refusals:reason.${value}`) : t(`word.${value}`)
      case 'text':
      case 'code':
      case 'list':
        return String(value)
    }
  }
  const sentences = ({ id, facts }: Finding, subject: Examination['subject']) => {
    const values = {
      subject: subject.name,
      ...Object.fromEntries(facts.map((fact) => [fact.name, factText(fact)])),
    }
    return {
      title: t(`finding.${id}.title`, values),
      why: t(`finding.${id}.why`, values),
      fix: t(`finding.${id}.fix`, values),
    }
  }
  const factName = ({ name }: Fact): string => t(`fact.${name}`)
  return { factText, factName, sentences }
}
