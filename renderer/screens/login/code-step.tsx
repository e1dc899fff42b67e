import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CodeField } from '#renderer/ui/code-field.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { SignInFrame } from './frame.tsx'
import type { StepProps } from './index.tsx'

/** The password was right: now the code of the second factor. */
export function CodeStep(props: StepProps & { onBack(): void }) {
  const { title, given, error, isPending, onChange, onSubmit, onBack } = props
  const { t } = useTranslation('login')
  const [tried, setTried] = useState(false)
  const submit = () => {
    setTried(true)
    if (given.code.trim() !== '') onSubmit()
  }
  return (
    <SignInFrame title={title} text={t('codeText', { name: given.name.trim() })} onSubmit={submit}>
      <CodeField
        value={given.code}
        onChange={(code) => onChange({ code })}
        error={tried && given.code.trim() === '' && error === null ? t('missing') : null}
        autoFocus
      />
      {error !== null && <ErrorNote error={error} />}
      <Button type="submit" size="lg" variant="filled" loading={isPending} fullWidth>
        {t('button')}
      </Button>
      <Button onClick={onBack}>{t('back')}</Button>
    </SignInFrame>
  )
}
