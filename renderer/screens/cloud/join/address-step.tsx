import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { LoginFields } from '../login-fields.tsx'
import { type LoginForm, loginInput, loginProblems } from '../login-form.ts'
import { firstChoices, keptChoices } from '../tenant-choice.ts'
import type { StepProps } from './answers.ts'
import { StepForm } from './step-form.tsx'

/** Where the cloud is. Tried at once: the next question shows who answered. */
export function AddressStep({ answers, change, onNext, onBack }: StepProps) {
  const { t } = useTranslation('cloud')
  const site = useSite()
  const [tried, setTried] = useState(false)
  const { login } = answers
  const look = useMutation({
    mutationFn: () =>
      api.cloud.preview({
        ...loginInput(login),
        tenants: (site?.tenants ?? []).map(({ id }) => ({ tenantId: id, mode: 'telemetry' as const })),
      }),
    onSuccess: (server) => {
      const first = firstChoices(server.tenants.map(chosen), server.sharedTenants)
      change({ server, choices: keptChoices(first, answers.choices, server.sharedTenants) })
      onNext()
    },
  })
  const edit = (part: Partial<LoginForm>) => {
    change({ login: { ...login, ...part }, server: null, takeOver: false })
    look.reset()
  }
  const isComplete = Object.keys(loginProblems(login)).length === 0
  const submit = () => {
    setTried(true)
    if (isComplete && !look.isPending) look.mutate()
  }
  return (
    <StepForm
      title={t('join.address.title')}
      text={t('join.address.text')}
      next={t('join.address.next')}
      hint={look.isPending ? t('join.address.testing') : t('join.address.nothing')}
      busy={look.isPending}
      disabled={site === undefined}
      onSubmit={submit}
      onBack={onBack}
    >
      <LoginFields form={login} change={edit} tried={tried} error={look.error} />
    </StepForm>
  )
}

function chosen({ tenantId, slug, name }: { tenantId: string; slug: string; name: string }) {
  return { id: tenantId, slug, name }
}
