/** A packet as aedes hands it over; what it holds beyond these fields is kept as it is. */
export interface StoredPacket {
  cmd?: string
  topic?: string
  payload?: Buffer | string
  qos?: number
  retain?: boolean
  dup?: boolean
  messageId?: number | undefined
  brokerId?: string | undefined
  brokerCounter?: number
  clientId?: string
  /** ms since 1970: not sent from then on. */
  messageExpiry?: number
  [field: string]: unknown
}

/** Everything but the payload as JSON, and the payload as bytes (or as the text it was). */
export interface PacketRecord {
  header: string
  payload: Buffer | string
}

export function toRecord({ payload, ...fields }: StoredPacket): PacketRecord {
  return { header: JSON.stringify(fields), payload: payload ?? Buffer.alloc(0) }
}

export function fromRecord({ header, payload }: PacketRecord): StoredPacket {
  return { ...(JSON.parse(header) as StoredPacket), payload }
}

/** A packet between broker and client. Its ids are columns of their own, for it is looked up and changed by them. */
export interface QueuedRecord extends PacketRecord {
  brokerId: string | null
  brokerCounter: number | null
  messageId: number | null
}

export function toQueued(packet: StoredPacket): QueuedRecord {
  const { cmd = 'publish', topic, qos = 0, retain = false, dup = false, payload, messageExpiry } = packet
  return {
    header: JSON.stringify({ cmd, topic, qos, retain, dup, messageExpiry }),
    payload: payload ?? Buffer.alloc(0),
    brokerId: packet.brokerId ?? null,
    brokerCounter: packet.brokerCounter ?? null,
    messageId: packet.messageId ?? null,
  }
}

export function fromQueued(record: QueuedRecord): StoredPacket {
  const fields = JSON.parse(record.header) as StoredPacket
  const messageId = record.messageId ?? undefined
  if (fields.cmd === 'pubrel') return { cmd: 'pubrel', messageId }
  return {
    ...fields,
    payload: record.payload,
    brokerId: record.brokerId ?? undefined,
    brokerCounter: record.brokerCounter ?? 0,
    messageId,
  }
}
