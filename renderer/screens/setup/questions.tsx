import { PasswordInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { MINIMUM_LENGTH } from '#contract/model/password-strength.ts'
import { api } from '#renderer/api/client.ts'
import { StrengthMeter } from '#renderer/ui/password-field.tsx'
import { ownWords } from './answers.ts'
import css from './setup.module.css'
import { StepForm, type StepProps, useFaults } from './step-form.tsx'
import type { Begun } from './use-setup.ts'

/** The code is checked here, at the first question, not after the last. */
export function CodeQuestion(props: StepProps & { onBegun(begun: Begun): void }) {
  const { t } = useTranslation(['setup', 'common'])
  const faults = useFaults('code', props.answers)
  const begin = useMutation({
    mutationFn: () => api.setup.begin({ code: props.answers.code.trim() }),
    onSuccess: (begun) => {
      props.onBegun(begun)
      props.onNext()
    },
  })
  return (
    <StepForm
      title={t('setup:code.title')}
      text={t('setup:code.text')}
      next={t('common:action.continue')}
      busy={begin.isPending}
      error={begin.error}
      onSubmit={() => (faults.valid ? begin.mutate() : faults.tryNow())}
    >
      <div className={css.fields}>
        <TextInput
          label={t('setup:code.label')}
          description={t('setup:code.hint')}
          value={props.answers.code}
          onChange={(event) => props.change({ code: event.currentTarget.value })}
          autoComplete="one-time-code"
          spellCheck={false}
          autoFocus
          styles={{ input: { fontFamily: 'var(--mono)' } }}
          {...faults.field('code')}
        />
      </div>
    </StepForm>
  )
}

export function SiteQuestion(props: StepProps) {
  const { t } = useTranslation(['setup', 'common'])
  const faults = useFaults('site', props.answers)
  return (
    <StepForm
      title={t('setup:site.title')}
      text={t('setup:site.text')}
      next={t('common:action.continue')}
      onBack={props.onBack}
      onSubmit={() => (faults.valid ? props.onNext() : faults.tryNow())}
    >
      <div className={css.fields}>
        <TextInput
          label={t('setup:site.label')}
          placeholder={t('setup:site.example')}
          maxLength={100}
          value={props.answers.siteName}
          onChange={(event) => props.change({ siteName: event.currentTarget.value })}
          autoFocus
          {...faults.field('siteName')}
        />
      </div>
    </StepForm>
  )
}

export function AdminQuestion(props: StepProps) {
  const { t } = useTranslation(['setup', 'common'])
  const faults = useFaults('admin', props.answers)
  const { answers, change } = props
  return (
    <StepForm
      title={t('setup:admin.title')}
      text={t('setup:admin.text')}
      next={t('common:action.continue')}
      onBack={props.onBack}
      onSubmit={() => (faults.valid ? props.onNext() : faults.tryNow())}
    >
      <div className={css.fields}>
        <TextInput
          label={t('setup:admin.email')}
          type="email"
          autoComplete="username"
          maxLength={254}
          value={answers.email}
          onChange={(event) => change({ email: event.currentTarget.value })}
          autoFocus
          {...faults.field('email')}
        />
        <TextInput
          label={t('setup:admin.name')}
          autoComplete="name"
          maxLength={100}
          value={answers.adminName}
          onChange={(event) => change({ adminName: event.currentTarget.value })}
        />
        <PasswordInput
          label={t('setup:admin.password')}
          description={t('setup:admin.policy', { minimum: MINIMUM_LENGTH })}
          autoComplete="new-password"
          maxLength={1024}
          value={answers.password}
          onChange={(event) => change({ password: event.currentTarget.value })}
          visibilityToggleButtonProps={{ 'aria-label': t('setup:admin.show') }}
          {...faults.field('password')}
        />
        {answers.password !== '' && (
          <StrengthMeter password={answers.password} own={ownWords(answers)} classes={false} />
        )}
        <PasswordInput
          label={t('setup:admin.repeat')}
          autoComplete="new-password"
          maxLength={1024}
          value={answers.repeat}
          onChange={(event) => change({ repeat: event.currentTarget.value })}
          visibilityToggleButtonProps={{ 'aria-label': t('setup:admin.show') }}
          {...faults.field('repeat')}
        />
      </div>
    </StepForm>
  )
}
