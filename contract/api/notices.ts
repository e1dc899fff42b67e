import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base } from '../base.ts'
import { IdSchema } from '../model/ids.ts'

/** Something that a person waits for has happened to a gateway of theirs. */
export const NoticeSchema = z.object({
  kind: z.enum(['gateway_bound', 'bind_failed']),
  at: z.date(),
  gateway: z.object({ id: IdSchema, code: z.string(), name: z.string() }),
  /** As the gateway said it; null: nothing. */
  detail: z.string().nullable(),
})
export type Notice = z.infer<typeof NoticeSchema>

export const notices = {
  /** What happens from now on, for whoever asks; who is not there finds it in the history of the gateway. */
  watch: base.meta({ access: 'person' }).output(eventIterator(NoticeSchema)),
}
