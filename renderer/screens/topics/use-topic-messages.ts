import { useEffect, useState } from 'react'
import type { TopicMessage } from '#contract/api/topics.ts'
import { api, liveQuery } from '#renderer/api/client.ts'

/** Messages of a topic that are kept to look at. */
const KEPT = 20
/** One who goes through the tree by the arrow keys asks only for where they stay, ms. */
const SETTLE = 150

/** A message, and which it is of those that came while one looked. */
export type NumberedMessage = TopicMessage & { number: number }

export interface TopicMessages {
  /** The newest first. */
  messages: readonly NumberedMessage[]
  /** That came too fast to be kept one by one. */
  notShown: number
  retained: boolean
  /** Whether people may publish to it at all. */
  publishable: boolean
  /** Whether the site has answered. */
  ready: boolean
  error: unknown
}

const nothing: TopicMessages = {
  messages: [],
  notShown: 0,
  retained: false,
  publishable: false,
  ready: false,
  error: null,
}

/** The newest messages of one topic, live. */
export function useTopicMessages(topic: string, tenant: string | undefined, paused: boolean): TopicMessages {
  const [state, setState] = useState<{ topic: string; of: TopicMessages }>({ topic, of: nothing })
  useEffect(() => {
    // Only a level: no topic has a wildcard in it.
    if (paused || topic === '' || /[+#]/.test(topic)) return
    let number = 0
    let stop = (): void => {}
    const timer = setTimeout(() => {
      stop = liveQuery(
        (signal) => api.topics.follow({ filter: topic, ...(tenant !== undefined && { tenant }) }, { signal }),
        {
          onValue: ({ messages, notShown, retained, publishable }) =>
            setState((before) => {
              const kept = before.topic === topic ? before.of : nothing
              const known = new Set(kept.messages.map(({ at, payload }) => `${at} ${payload}`))
              // After a lost link the newest comes once more.
              const isAgain = ({ at, payload }: TopicMessage) => !kept.ready || !known.has(`${at} ${payload}`)
              const fresh = (messages.length === 1 ? messages.filter(isAgain) : messages).map((message) => ({
                ...message,
                number: ++number,
              }))
              const all = [...fresh.toReversed(), ...kept.messages].slice(0, KEPT)
              return {
                topic,
                of: {
                  messages: all,
                  notShown: kept.notShown + notShown,
                  retained,
                  publishable,
                  ready: true,
                  error: null,
                },
              }
            }),
          onError: (error) => setState({ topic, of: { ...nothing, error } }),
        },
      )
    }, SETTLE)
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [topic, tenant, paused])
  return state.topic === topic ? state.of : nothing
}
