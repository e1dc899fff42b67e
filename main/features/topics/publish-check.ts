import { TOPIC_BYTES_MOST } from '#contract/api/topics.ts'
import { ExpectedError } from '#contract/errors.ts'

/** As the broker bounds it. */
const LEVELS = 16

/** Whether anything can be published to a topic of this form (MQTT 3.1.1 4.7). @throws ExpectedError `topic_invalid` */
export function checkTopic(topic: string): void {
  const cause = problemOf(topic)
  if (cause !== null) throw new ExpectedError('topic_invalid', { topic: shown(topic), cause })
}

function problemOf(topic: string): string | null {
  if (topic === '') return 'it is empty'
  if (/[+#]/.test(topic)) return 'it has a wildcard'
  if (!topic.isWellFormed()) return 'it is no Unicode text'
  if (/\p{Cc}/u.test(topic)) return 'it has a control character'
  if (topic.startsWith('$')) return 'topics that begin with $ are those of the broker'
  if (Buffer.byteLength(topic) > TOPIC_BYTES_MOST) return `it has more than ${TOPIC_BYTES_MOST} bytes`
  if (topic.split('/').length > LEVELS) return `it has more than ${LEVELS} levels`
  return null
}

/** What a stranger wrote, fit for a message. */
function shown(topic: string): string {
  const short = topic.length > 80 ? `${topic.slice(0, 80)}…` : topic
  return short.replace(/\p{Cc}/gu, '·').toWellFormed()
}

/** Bytes of what is to be published. @throws ExpectedError `input_invalid` */
export function payloadBytes(
  payload: string,
  encoding: 'utf8' | 'base64',
  most: number,
): Uint8Array<ArrayBuffer> {
  if (
    encoding === 'base64' &&
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(payload)
  )
    throw new ExpectedError('input_invalid', { issues: 'payload: it is not base64' })
  const bytes = new Uint8Array(Buffer.from(payload, encoding))
  if (bytes.length > most)
    throw new ExpectedError('input_invalid', { issues: `payload: it has more than ${most} bytes` })
  return bytes
}
