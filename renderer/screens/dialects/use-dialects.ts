import { queryOptions, useQuery } from '@tanstack/react-query'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import type { Sample } from './dialect-draft.ts'

const dialectsQuery = queryOptions({
  queryKey: ['dialects'],
  queryFn: ({ signal }) => api.dialects.list(undefined, { signal }),
})

/** The built-in dialects, and those of the site. */
export function useDialects() {
  return useQuery(dialectsQuery)
}

export function dialectsChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: dialectsQuery.queryKey })
}

/** Who is played in the trial: a gateway of the site by its code, or made-up names. */
export interface Played {
  gateway: string
  topic: string
  tenantAlias: string
  user: string
}

/** What the broker would do; null: the definition has no form that could be tried. The last answer stays while a new one comes. */
export function useTrial(definition: DialectDefinition | null, played: Played, samples: readonly Sample[]) {
  const messages = samples.map(({ topic, payload, encoding }) => ({ topic, payload, encoding }))
  const { gateway, ...made } = played
  return useQuery({
    queryKey: ['dialect-trial', definition, played, messages],
    queryFn: ({ signal }) =>
      definition === null
        ? null
        : api.dialects.test(
            { definition, as: gateway === '' ? given(made) : { gateway }, messages },
            { signal },
          ),
    enabled: definition !== null,
    placeholderData: (before) => before,
    retry: false,
    gcTime: 0,
  })
}

function given(made: Omit<Played, 'gateway'>): Partial<Omit<Played, 'gateway'>> {
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== ''))
}
