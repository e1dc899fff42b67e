import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import { api, readError } from '#renderer/api/client.ts'
import { beginSession, setupQuery } from '#renderer/api/session.ts'
import { useTitle } from '#renderer/ui/use-title.ts'
import { CodeStep } from './code-step.tsx'
import { CredentialsStep } from './credentials-step.tsx'

/** E-mail or user name and password, then the second factor of those who have one; afterwards the page asked for. */
export function LoginScreen() {
  const { t } = useTranslation('login')
  useTitle(t('title'))
  const site = useQuery(setupQuery).data
  const [given, setGiven] = useState({ name: '', password: '', code: '' })
  const [asksCode, setAsksCode] = useState(false)
  const goOn = useGoOn()
  const login = useMutation({
    mutationFn: () => {
      const name = given.name.trim()
      const who = name.includes('@') ? { email: name } : { username: name }
      return api.auth.login({ ...who, password: given.password, ...(asksCode && { code: given.code }) })
    },
    onSuccess: goOn,
    onError: (error) => {
      const { code } = readError(error)
      if (code === 'second_factor_required') setAsksCode(true)
      if (code === 'second_factor_wrong') setGiven((was) => ({ ...was, code: '' }))
    },
  })
  const title = site?.siteName ?? t('title')
  const asked = asksCode && readError(login.error).code === 'second_factor_required'
  const shared = { title, given, error: asked ? null : login.error, isPending: login.isPending }
  const change = (part: Partial<typeof given>) => setGiven((was) => ({ ...was, ...part }))
  return asksCode ? (
    <CodeStep
      {...shared}
      onChange={change}
      onSubmit={() => login.mutate()}
      onBack={() => {
        setAsksCode(false)
        setGiven((was) => ({ ...was, password: '', code: '' }))
        login.reset()
      }}
    />
  ) : (
    <CredentialsStep {...shared} onChange={change} onSubmit={() => login.mutate()} />
  )
}

/** To where the person wanted before they were asked to sign in. */
function useGoOn(): (me: Me) => Promise<void> {
  const { to }: { to?: string } = useSearch({ strict: false })
  const router = useRouter()
  const navigate = useNavigate()
  return async (me) => {
    beginSession(me)
    if (to === undefined) await navigate({ to: '/', replace: true })
    else router.history.replace(to)
  }
}

export interface Given {
  name: string
  password: string
  code: string
}

export interface StepProps {
  title: string
  given: Given
  error: unknown
  isPending: boolean
  onChange(part: Partial<Given>): void
  onSubmit(): void
}
