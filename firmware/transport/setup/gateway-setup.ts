import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { LineSplitter } from '../monitor/line-splitter.ts'
import { lineText } from '../monitor/line-text.ts'
import { type CallTiming, within } from './call-timing.ts'

/** A call of a gateway with our firmware; docs/serial-setup.md says what each does. */
export type GatewaySetupRequest =
  | { do: 'hello' | 'csr' | 'status' | 'restart' }
  | { do: 'settings'; set: Record<string, unknown> }

/** What comes before each JSON object, so that it stands apart from log lines. */
const PREFIX = 'MW '
/** Bytes of one line, either way. */
const LONGEST = 16_384
/** Bytes that are sent at once: a board without flow control has to take them out of a small buffer. */
const CHUNK = 256

/** Asking again must not do a thing twice: only `hello` and `status` are asked more than once. */
const timings: Record<GatewaySetupRequest['do'], CallTiming> = {
  // A board that was just reset starts within seconds.
  hello: { answer: 1_000, tries: 10 },
  status: { answer: 2_000, tries: 3 },
  // A key is made on the chip; slow chips take seconds for it.
  csr: { answer: 30_000, tries: 1 },
  settings: { answer: 10_000, tries: 1 },
  restart: { answer: 3_000, tries: 1 },
}

const AnswerSchema = z.looseObject({ id: z.number().int(), ok: z.boolean(), error: z.string().nullish() })
type Answer = z.infer<typeof AnswerSchema>

/** The site's side of the plain JSON setup over a serial line. One call at a time; further ones wait. */
export class GatewaySetup {
  readonly #port: string
  readonly #send: (bytes: Uint8Array) => Promise<void>
  #splitter = new LineSplitter(LONGEST)
  #nextId = 1
  #waiting: { ids: Set<number>; settle: (answer: Answer) => void } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** @param port as errors name it */
  constructor(port: string, send: (bytes: Uint8Array) => Promise<void>) {
    this.#port = port
    this.#send = send
  }

  /** Takes all that comes over the line. */
  hear(bytes: Uint8Array): void {
    if (this.#waiting === undefined) return
    for (const line of this.#splitter.push(bytes)) {
      const answer = line.isWhole ? readAnswer(lineText(line.bytes)) : undefined
      if (answer !== undefined && this.#waiting.ids.has(answer.id)) this.#waiting.settle(answer)
    }
  }

  /**
   * Asks and awaits the answer.
   *
   * @returns the answer without `id` and `ok`
   * @throws ExpectedError setup_silent (nothing that is an answer came in time), setup_failed (the board says no)
   */
  call(request: GatewaySetupRequest): Promise<Record<string, unknown>> {
    const called = this.#callAfter(this.#turn, request)
    this.#turn = called.catch(() => undefined)
    return called
  }

  async #callAfter(
    earlier: Promise<unknown>,
    request: GatewaySetupRequest,
  ): Promise<Record<string, unknown>> {
    await earlier
    const { answer: ms, tries } = timings[request.do]
    const answered = Promise.withResolvers<Answer>()
    // Every try has its own id; a late answer to an earlier one counts too.
    const ids = new Set<number>()
    this.#splitter = new LineSplitter(LONGEST)
    this.#waiting = { ids, settle: answered.resolve }
    try {
      for (let tried = 0; tried < tries; tried++) {
        const id = this.#nextId++
        ids.add(id)
        await this.#write({ id, ...request })
        const answer = await within(answered.promise, ms)
        if (answer !== undefined) return this.#result(answer)
      }
      throw new ExpectedError('setup_silent', { port: this.#port })
    } finally {
      this.#waiting = undefined
    }
  }

  async #write(message: object): Promise<void> {
    const line = `${PREFIX}${JSON.stringify(message)}\n`
    const bytes = Buffer.from(line, 'utf8')
    if (bytes.length > LONGEST) {
      throw new ExpectedError('setup_failed', { port: this.#port, reason: `more than ${LONGEST} bytes` })
    }
    for (let offset = 0; offset < bytes.length; offset += CHUNK) {
      await this.#send(bytes.subarray(offset, offset + CHUNK))
    }
  }

  #result(answer: Answer): Record<string, unknown> {
    const { id: _, ok, error, ...rest } = answer
    if (!ok) {
      const reason = boardWords(error ?? '')
      throw new ExpectedError('setup_failed', { port: this.#port, reason: reason || 'it does not say why' })
    }
    // Of `status`: what is wrong with its network or broker, which is no failure of the call.
    return error === null || error === undefined ? rest : { ...rest, error }
  }
}

function readAnswer(text: string): Answer | undefined {
  // A log line may stand before it, where a board was cut off in the middle of one.
  const start = text.indexOf(`${PREFIX}{`)
  if (start < 0) return undefined
  try {
    return AnswerSchema.safeParse(JSON.parse(text.slice(start + PREFIX.length))).data
  } catch {
    return undefined
  }
}

/** Words of a board, for an error: bounded, one line. */
export function boardWords(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200)
}
