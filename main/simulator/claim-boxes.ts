import type { RestClient } from '#client/rest-client.ts'
import { CLAIMS_MOST } from '#contract/api/claims.ts'
import { jobEnd } from './job-end.ts'

export interface ClaimWish {
  /** Of the boxes; others that knock are left alone. */
  macs: ReadonlySet<string>
  /** Codes that they get: `SIM-{n:04}`. */
  code: string
  tenant: string | undefined
  signal: AbortSignal
}

/** Claims boxes that knock, in bulk, as a person would. @returns how many became gateways */
export async function claimBoxes(client: RestClient, wish: ClaimWish): Promise<number> {
  const { code, tenant, signal } = wish
  const of = tenant === undefined ? {} : { tenant }
  const ids = await knocksOf(client, wish)
  let claimed = 0
  for (let at = 0; at < ids.length; at += CLAIMS_MOST) {
    const knocks = ids.slice(at, at + CLAIMS_MOST)
    const { jobId } = await client.claims.acceptMany({ knocks, code, ...of })
    const result = await jobEnd(client, jobId, signal)
    claimed += Number(result['claimed'] ?? 0)
  }
  return claimed
}

async function knocksOf(client: RestClient, { macs, tenant }: ClaimWish): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<RestClient['claims']['list']>> = await client.claims.list({
      state: 'waiting',
      limit: 1_000,
      ...(tenant !== undefined && { tenant }),
      ...(after !== null && { after }),
    })
    for (const { id, mac } of page.knocks) if (mac !== null && macs.has(mac)) ids.push(id)
    after = page.next
  } while (after !== null)
  // The list has the newest first; codes count in the order in which they came.
  return ids.toReversed()
}
