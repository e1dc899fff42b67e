import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import { askWhoIsThere } from '#renderer/api/session.ts'
import { signOut } from '#renderer/app/sign-out.ts'
import { useTitle } from '#renderer/ui/use-title.ts'
import { SignInBox } from '../login/frame.tsx'
import css from './account.module.css'
import { PasswordForm } from './password-form.tsx'

/** Somebody else gave the password: before anything else the person chooses their own. */
export function FirstPassword({ me }: { me: Me }) {
  const { t } = useTranslation(['account', 'common'])
  useTitle(t('first.password'))
  return (
    <SignInBox title={t('first.password')} text={t('first.passwordText')}>
      <PasswordForm
        own={[me.name, me.email ?? '']}
        className={css.bare ?? ''}
        onChanged={() => void askWhoIsThere()}
      />
      <Button onClick={() => void signOut()}>{t('common:user.signOut')}</Button>
    </SignInBox>
  )
}
