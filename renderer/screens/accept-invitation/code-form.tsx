import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SignInFrame } from '../login/frame.tsx'

/** Without a link: what an administrator read out. */
export function CodeForm({ onCode }: { onCode(code: string): void }) {
  const { t } = useTranslation('invitation')
  const [code, setCode] = useState('')
  const [tried, setTried] = useState(false)
  return (
    <SignInFrame
      title={t('code.title')}
      text={t('code.text')}
      onSubmit={() => {
        setTried(true)
        if (code.trim() !== '') onCode(code.trim())
      }}
    >
      <TextInput
        label={t('code.label')}
        value={code}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        error={tried && code.trim() === '' ? t('missing') : null}
        onChange={(event) => setCode(event.currentTarget.value)}
        autoFocus
      />
      <Button type="submit" size="lg" variant="filled" fullWidth>
        {t('code.button')}
      </Button>
    </SignInFrame>
  )
}
