import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { JsonifiedClient } from '@orpc/openapi-client'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { type Contract, contract } from '#contract/contract.ts'

/** What a single call may carry beside its input. */
export interface CallContext {
  /** The same key and input give the same result again, so that a repeated call creates nothing twice. */
  idempotencyKey?: string
}

/** The contract, typed, over REST: times are ISO 8601 text here. */
export type RestClient = JsonifiedClient<ContractRouterClient<Contract, CallContext>>

export const API_PREFIX = '/api/v1'

/** @param origin names the site in URLs; where the bytes go is up to `fetch` */
export function createRestClient(origin: string, fetch: (request: Request) => Promise<Response>): RestClient {
  const link = new OpenAPILink<CallContext>(contract, {
    url: new URL(API_PREFIX, origin).href,
    headers: ({ context }): Record<string, string> =>
      context?.idempotencyKey === undefined ? {} : { 'idempotency-key': context.idempotencyKey },
    fetch: (request) => fetch(request),
  })
  return createORPCClient(link)
}
