/** Offset of the packet identifier in a PUBLISH of QoS 1, and the whole of it. */
export interface EncodedPublish {
  bytes: Buffer
  idAt: number
}

/** MQTT 3.1.1 3.3 */
export function encodePublish(
  topic: string,
  payload: Buffer | string,
  { qos, retain }: { qos: 0 | 1; retain: boolean },
): EncodedPublish {
  const topicBytes = Buffer.byteLength(topic)
  const content = typeof payload === 'string' ? Buffer.from(payload) : payload
  const length = 2 + topicBytes + (qos > 0 ? 2 : 0) + content.length
  const bytes = Buffer.allocUnsafe(1 + lengthBytes(length) + length)
  let at = bytes.writeUInt8(0x30 | (qos << 1) | (retain ? 1 : 0), 0)
  // 2.2.3: Remaining Length, seven bits a byte.
  for (let rest = length; ; rest >>>= 7) {
    if (rest < 0x80) {
      at = bytes.writeUInt8(rest, at)
      break
    }
    at = bytes.writeUInt8((rest & 0x7f) | 0x80, at)
  }
  at = bytes.writeUInt16BE(topicBytes, at)
  at += bytes.write(topic, at)
  const idAt = at
  if (qos > 0) at = bytes.writeUInt16BE(0, at)
  content.copy(bytes, at)
  return { bytes, idAt }
}

/** The same message for another subscriber. */
export function withPacketId({ bytes, idAt }: EncodedPublish, id: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt16BE(id, idAt)
  return copy
}

function lengthBytes(length: number): number {
  if (length < 0x80) return 1
  if (length < 0x4000) return 2
  return length < 0x20_0000 ? 3 : 4
}
