import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { askWhoIsThere } from '#renderer/api/session.ts'
import { signOut } from '#renderer/app/sign-out.ts'
import { useTitle } from '#renderer/ui/use-title.ts'
import { SignInBox } from '../login/frame.tsx'
import { FactorSetup } from './factor-setup.tsx'

/** A role of the person asks for a second factor, and there is none yet: it comes before anything else. */
export function FirstFactor() {
  const { t } = useTranslation(['account', 'common'])
  useTitle(t('first.factor'))
  return (
    <SignInBox title={t('first.factor')} text={t('first.factorText')}>
      <FactorSetup onDone={() => void askWhoIsThere()} />
      <Button onClick={() => void signOut()}>{t('common:user.signOut')}</Button>
    </SignInBox>
  )
}
