import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { meQuery } from '#renderer/api/session.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useTitle } from '#renderer/ui/use-title.ts'
import { SignInBox } from '../login/frame.tsx'
import { AcceptForm } from './accept-form.tsx'
import { CodeForm } from './code-form.tsx'
import { JoinForm } from './join-form.tsx'
import { forgetToken, keepToken, takeToken } from './kept-token.ts'

/** Where a link leads: choose a password, or take the invitation with the account that one is signed in with. */
export function InvitationScreen() {
  const { t } = useTranslation('invitation')
  const [token, setToken] = useState(takeToken)
  // Another link opened in the same window changes only the fragment.
  useEffect(() => {
    const onHash = () => setToken(takeToken())
    addEventListener('hashchange', onHash)
    return () => removeEventListener('hashchange', onHash)
  }, [])
  const invitation = useQuery({
    queryKey: ['setup', 'invitation', token],
    queryFn: ({ signal }) => api.users.invitation({ token: token ?? '' }, { signal }),
    enabled: token !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const me = useQuery({ ...meQuery, retry: false })
  const title = t(invitation.data?.kind === 'reset' ? 'reset.title' : 'title')
  useTitle(title)
  if (token === null)
    return (
      <CodeForm
        onCode={(code) => {
          keepToken(code)
          setToken(code)
        }}
      />
    )
  if (invitation.error !== null) {
    return (
      <SignInBox title={title} text="">
        <ErrorNote error={invitation.error} />
        <Button
          variant="filled"
          fullWidth
          onClick={() => {
            forgetToken()
            location.assign('/login')
          }}
        >
          {t('toSignIn')}
        </Button>
      </SignInBox>
    )
  }
  if (invitation.data === undefined || me.isPending) return null
  if (me.data?.kind === 'person' && invitation.data.kind === 'invite')
    return <JoinForm token={token} me={me.data} invitation={invitation.data} />
  return <AcceptForm token={token} invitation={invitation.data} />
}
