import { useTranslation } from 'react-i18next'
import { LimitsFields } from '../limits-fields.tsx'
import { limitsProblems } from '../limits-form.ts'
import type { StepProps } from './answers.ts'
import { StepForm } from './step-form.tsx'

/** How fast and when. Most have no limits: Continue is enough. */
export function LimitsStep({ answers, change, onNext, onBack }: StepProps) {
  const { t } = useTranslation(['cloud', 'common'])
  const { limits } = answers
  return (
    <StepForm
      title={t('join.limits.title')}
      text={t('join.limits.text')}
      next={t('common:action.continue')}
      onSubmit={() => {
        if (Object.keys(limitsProblems(limits)).length === 0) onNext()
      }}
      onBack={onBack}
    >
      <LimitsFields form={limits} change={(part) => change({ limits: { ...limits, ...part } })} />
    </StepForm>
  )
}
