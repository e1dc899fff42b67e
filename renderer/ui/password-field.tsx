import { PasswordInput } from '@mantine/core'
import { useDeferredValue } from 'react'
import { useTranslation } from 'react-i18next'
import { MINIMUM_LENGTH, passwordFault, passwordStrength } from '#contract/model/password-strength.ts'
import { useSignInOptions } from '../api/use-session.ts'
import css from './password-field.module.css'

interface FieldProps {
  label: string
  value: string
  onChange(value: string): void
  error?: string | null
  autoFocus?: boolean
}

/** A password that is there already: what a password manager fills in. */
export function PasswordField({ onChange, error, ...props }: FieldProps) {
  const { t } = useTranslation('password')
  return (
    <PasswordInput
      {...props}
      autoComplete="current-password"
      maxLength={1024}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error ?? null}
      visibilityToggleButtonProps={{ 'aria-label': t('show') }}
    />
  )
}

/**
 * A password that is being chosen: what is asked of it, and how strong it is, in bars and words.
 * @param own words that make a weak one: the person's name and e-mail address; the site's name is added
 * @param isRepeat it is typed a second time: no more is said of it
 */
export function NewPasswordField(props: FieldProps & { own?: string[]; isRepeat?: boolean }) {
  const { own = [], isRepeat = false, onChange, error, ...rest } = props
  const { t } = useTranslation('password')
  const rules = useSignInOptions()
  const classes = rules?.passwordClasses ?? false
  const policy = { minimum: MINIMUM_LENGTH }
  return (
    <div>
      <PasswordInput
        {...rest}
        description={isRepeat ? null : classes ? t('policyClasses', policy) : t('policy', policy)}
        autoComplete="new-password"
        maxLength={1024}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error ?? null}
        visibilityToggleButtonProps={{ 'aria-label': t('show') }}
      />
      {!isRepeat && props.value !== '' && (
        <StrengthMeter
          password={props.value}
          own={[...own, rules?.siteName ?? '', 'millwright']}
          classes={classes}
        />
      )}
    </div>
  )
}

/** Whether the site would take the password, as far as the browser can tell. */
export function useIsPasswordGood(own: string[] = []): (password: string) => boolean {
  const rules = useSignInOptions()
  const words = [...own, rules?.siteName ?? '', 'millwright']
  const classes = rules?.passwordClasses ?? false
  return (password) => passwordFault(password, words, { classes }) === null
}

/** How strong a password is, in bars and words. */
export function StrengthMeter(props: { password: string; own: string[]; classes: boolean }) {
  const { t } = useTranslation('password')
  const password = useDeferredValue(props.password)
  const strength = passwordStrength(password, props.own)
  const fault = passwordFault(password, props.own, { classes: props.classes })
  // What the site refuses is never shown as more than weak.
  const score = fault === null ? strength.score : Math.min(1, strength.score)
  const word = t(`score.${score as 0 | 1 | 2 | 3 | 4}`)
  const hint = () => {
    if (fault === 'password_too_short')
      return t('hint.short', { minimum: MINIMUM_LENGTH, length: [...password].length })
    if (fault === 'password_classes_missing') return t('hint.classes')
    if (fault === 'password_too_common') return strength.weakness === 'own' ? t('hint.own') : t('hint.known')
    return strength.weakness === null ? '' : t(`hint.${strength.weakness}`)
  }
  return (
    <div>
      <div className={css.meter} data-score={score} aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <i key={bar} data-on={Math.max(1, score) >= bar || undefined} />
        ))}
      </div>
      <p className="small sec" role="status">
        {t('strength', { word })}. {hint()}
      </p>
    </div>
  )
}
