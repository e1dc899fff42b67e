import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

/** The code of a second factor: six digits of the app, or a recovery code where the phone is lost. */
export function CodeField(props: {
  value: string
  onChange(value: string): void
  error?: string | null
  autoFocus?: boolean
  /** Where a recovery code does not help, as at the set-up. */
  appOnly?: boolean
}) {
  const { t } = useTranslation('password')
  const [recovery, setRecovery] = useState(false)
  return (
    <div>
      <TextInput
        // The other kind has another keyboard on phones, which only a new field takes.
        key={recovery ? 'recovery' : 'app'}
        label={recovery ? t('code.recovery') : t('code.app')}
        description={recovery ? t('code.recoveryHint') : t('code.appHint')}
        autoComplete={recovery ? 'off' : 'one-time-code'}
        inputMode={recovery ? 'text' : 'numeric'}
        maxLength={recovery ? 40 : 9}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        error={props.error ?? null}
        autoFocus={props.autoFocus === true || recovery}
        data-autofocus={props.autoFocus}
      />
      {props.appOnly !== true && (
        <button
          type="button"
          className="link-button small"
          onClick={() => {
            setRecovery(!recovery)
            props.onChange('')
          }}
        >
          {recovery ? t('code.useApp') : t('code.useRecovery')}
        </button>
      )}
    </div>
  )
}
