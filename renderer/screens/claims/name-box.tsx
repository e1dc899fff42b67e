import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { readQrContent } from '#renderer/qr/qr-content.ts'
import { QrScanner } from '#renderer/qr/qr-scanner.tsx'
import type { Box } from './claim-form.ts'
import css from './claims.module.css'

/** Which box: its QR code, or what is printed on it. */
export function NameBox({ onBox }: { onBox(box: Exclude<Box, { kind: 'knock' }>): void }) {
  const { t } = useTranslation(['claims', 'common'])
  const [text, setText] = useState('')
  const [odd, setOdd] = useState(false)
  return (
    <>
      <QrScanner onFound={onBox} />
      <p className={css.or}>{t('name.or')}</p>
      <form
        className={css.typed}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const content = readQrContent(text)
          if (content.kind === 'unknown') setOdd(true)
          else onBox(content)
        }}
      >
        <TextInput
          label={t('name.text')}
          description={t('name.hint')}
          placeholder="ESP-A1B2C3"
          value={text}
          error={odd ? t('name.odd') : null}
          onChange={(event) => {
            setOdd(false)
            setText(event.currentTarget.value)
          }}
          maxLength={2_000}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          classNames={{ input: 'mono' }}
        />
        <Button type="submit" disabled={text.trim() === ''}>
          {t('common:action.continue')}
        </Button>
      </form>
    </>
  )
}
