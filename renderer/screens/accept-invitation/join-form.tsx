import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import { api } from '#renderer/api/client.ts'
import { beginSession, endSession } from '#renderer/api/session.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { SignInFrame } from '../login/frame.tsx'
import { type Invitation, unbroken } from './accept-form.tsx'
import { forgetToken } from './kept-token.ts'

/** Somebody is signed in: the invitation is theirs to take with this account. */
export function JoinForm({ token, me, invitation }: { token: string; me: Me; invitation: Invitation }) {
  const { t } = useTranslation('invitation')
  const navigate = useNavigate()
  const join = useMutation({
    async mutationFn() {
      const { tenantId } = await api.users.join({ token })
      forgetToken()
      return api.auth.switchTenant({ tenant: me.ofSite ? null : tenantId })
    },
    async onSuccess(now) {
      beginSession(now)
      await navigate({ to: '/', replace: true })
    },
  })
  const leave = useMutation({
    mutationFn: () => api.auth.logout(),
    onSuccess: () => endSession(),
  })
  return (
    <SignInFrame
      title={t('join.title')}
      text={t('text', { site: invitation.siteName, email: unbroken(invitation.maskedEmail) })}
      onSubmit={() => join.mutate()}
    >
      <p>{t('join.text', { name: me.name })}</p>
      {join.error !== null && <ErrorNote error={join.error} />}
      <Button type="submit" size="lg" variant="filled" fullWidth loading={join.isPending}>
        {t('join.button')}
      </Button>
      <Button fullWidth loading={leave.isPending} onClick={() => leave.mutate()}>
        {t('join.other')}
      </Button>
    </SignInFrame>
  )
}
