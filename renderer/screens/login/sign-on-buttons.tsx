import { Button, Divider } from '@mantine/core'
import { ORPCError } from '@orpc/client'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, shell } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'

const providersQuery = queryOptions({
  queryKey: ['setup', 'sign-on'],
  queryFn: ({ signal }) => api.signOn.providers(undefined, { signal }),
  staleTime: 60_000,
})

/** Where else people can sign in, and what came of the last try. Nothing where there is no provider. */
export function SignOnButtons() {
  const { t } = useTranslation('login')
  const { to, error, seconds }: { to?: string; error?: string; seconds?: number } = useSearch({
    strict: false,
  })
  // The desktop's window goes nowhere else. Whoever wants to type a password is not kept by a question that fails.
  const { data } = useQuery({ ...providersQuery, enabled: shell === undefined })
  const providers = data?.providers ?? []
  const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`
  return (
    <>
      {providers.length > 0 && <Divider label={t('signOn.or')} />}
      {providers.map(({ id, name }) => (
        <Button key={id} component="a" href={`/api/v1/auth/sign-on/${id}/start${query}`} size="lg" fullWidth>
          {t('signOn.with', { name })}
        </Button>
      ))}
      {error !== undefined && (
        <ErrorNote
          error={new ORPCError(error, { data: { seconds: seconds ?? 60, cause: t('signOn.cause') } })}
        />
      )}
    </>
  )
}
