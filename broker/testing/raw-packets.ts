/** MQTT 3.1.1 packets as bytes, for tests that send what no client library would. */
export function packet(type: number, flags: number, ...parts: (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat(parts.map(part))
  return Buffer.concat([Buffer.from([(type << 4) | flags]), remainingLength(body.length), body])
}

/** 3.1; level 4, clean session */
export function connect(
  clientId: string,
  {
    level = 4,
    clean = true,
    keepalive = 0,
    ...login
  }: { level?: number; clean?: boolean; keepalive?: number; username?: string; password?: string } = {},
): Buffer {
  const { username, password } = login
  const flags = (clean ? 2 : 0) | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40)
  const credentials = [username, password].filter((text) => text !== undefined)
  return packet(1, 0, 'MQTT', Buffer.from([level, flags]), keepalive, clientId, ...credentials)
}

/** 3.3; a number is a packet identifier, so QoS 1. */
export function publish(
  topic: string,
  payload: Buffer | string,
  packetId = 0,
  { qos = packetId ? 1 : 0, dup = false } = {},
): Buffer {
  const id = packetId || qos ? [packetId] : []
  return packet(3, (qos << 1) | (dup ? 8 : 0), topic, ...id, Buffer.from(payload))
}

/** 3.8 */
export function subscribe(packetId: number, ...filters: string[]): Buffer {
  return packet(8, 2, packetId, ...filters.flatMap((filter) => [filter, Buffer.from([1])]))
}

export const pingreq: Buffer = packet(12, 0)

/** Texts get their length in front, numbers are two bytes, bytes are themselves. */
function part(value: Buffer | string | number): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (typeof value === 'number') return Buffer.from([value >> 8, value & 0xff])
  return Buffer.concat([part(Buffer.byteLength(value)), Buffer.from(value)])
}

function remainingLength(length: number): Buffer {
  const bytes = []
  let rest = length
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.from(bytes)
}
