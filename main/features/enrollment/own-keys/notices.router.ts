import { ExpectedError } from '#contract/errors.ts'
import type { Procedures } from '#features/access/index.ts'
import type { Notices } from './notices.ts'

export function createNoticesRouter({ notices }: Procedures, posted: Notices) {
  return {
    watch: notices.watch.handler(async ({ context: { actor }, signal }) => {
      if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
      return noticesOf(actor.id, posted, signal)
    }),
  }
}

async function* noticesOf(userId: string, posted: Notices, signal: AbortSignal | undefined) {
  for await (const { at, ...notice } of posted.of(userId, signal)) yield { ...notice, at: new Date(at) }
}
