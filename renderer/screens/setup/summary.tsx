import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { readError } from '#renderer/api/read-error.ts'
import type { Step } from './answers.ts'
import css from './setup.module.css'
import { StepForm, type StepProps } from './step-form.tsx'
import type { Completed } from './use-setup.ts'

/** Everything to be written, before anything is written. */
export function Summary(props: StepProps & { goTo(step: Step): void; onCompleted(result: Completed): void }) {
  const { t } = useTranslation('setup')
  const { answers } = props
  const name = answers.name.trim()
  const adminName = answers.adminName.trim()
  const complete = useMutation({
    mutationFn: () =>
      api.setup.complete({
        code: answers.code.trim(),
        siteName: answers.siteName.trim(),
        admin: {
          email: answers.email.trim(),
          password: answers.password,
          ...(adminName === '' ? {} : { name: adminName }),
        },
        addresses: answers.addresses,
        names: name === '' ? [] : [name],
      }),
    onSuccess: props.onCompleted,
  })
  const step = complete.error === null ? undefined : stepToCorrect(complete.error)
  return (
    <StepForm
      title={t('summary.title')}
      text={t('summary.text')}
      next={t('summary.button')}
      nextHint={t('summary.next')}
      busy={complete.isPending}
      error={complete.error}
      onBack={step === undefined ? props.onBack : () => props.goTo(step)}
      onSubmit={() => complete.mutate()}
    >
      <div className={`${css.fields} ${css.wide}`}>
        <dl className={css.summary}>
          <dt>{t('step.site')}</dt>
          <dd>{answers.siteName.trim()}</dd>
          <dt>{t('step.admin')}</dt>
          <dd>{adminName === '' ? answers.email.trim() : `${adminName}, ${answers.email.trim()}`}</dd>
          <dt>{t('step.network')}</dt>
          <dd className="mono">{[...answers.addresses, ...(name === '' ? [] : [name])].join(', ')}</dd>
        </dl>
        <p className="sec small">{t('summary.makes')}</p>
      </div>
    </StepForm>
  )
}

/** Where "back" leads when the site refused one of the answers. */
function stepToCorrect(error: unknown): Step | undefined {
  const { code } = readError(error)
  if (code === 'password_too_short' || code === 'password_too_common' || code === 'email_invalid')
    return 'admin'
  if (code === 'address_invalid') return 'network'
  if (code === 'setup_code_wrong') return 'code'
  return undefined
}
