import { Topic } from '#platform/events/topic.ts'

/** Something that a person waits for has happened to a gateway. */
export interface Notice {
  kind: 'gateway_bound' | 'bind_failed'
  at: number
  gateway: { id: string; code: string; name: string }
  /** As the gateway said it. */
  detail: string | null
}

/** Tells people with an open window what they wait for. Who is not there finds it in the gateway's history. */
export class Notices {
  readonly posted: Topic<{ userId: string; notice: Notice }>

  constructor(report: (error: unknown) => void) {
    this.posted = new Topic(report)
  }

  post(userId: string | null, notice: Notice): void {
    if (userId !== null) this.posted.emit({ userId, notice })
  }

  /** What is posted for a person until `signal` aborts. */
  async *of(userId: string, signal: AbortSignal | undefined): AsyncGenerator<Notice> {
    const waiting: Notice[] = []
    let wake = () => {}
    const stop = this.posted.subscribe((posted) => {
      // Who does not read for so long that these add up has the history.
      if (posted.userId !== userId || waiting.length >= 100) return
      waiting.push(posted.notice)
      wake()
    })
    signal?.addEventListener('abort', () => wake(), { once: true })
    try {
      while (!signal?.aborted) {
        const next = waiting.shift()
        if (next) yield next
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      stop()
    }
  }
}
