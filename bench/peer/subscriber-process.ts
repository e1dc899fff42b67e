import { connect } from 'node:net'
import Database from 'better-sqlite3'
import { encodeConnect, encodeSubscribe, PacketReader, PacketType } from '../load/mqtt-packets.ts'

/**
 * Process entry, `subscriber-process.ts PORT FILE`: what people put behind mosquitto, at its best. Takes every
 * telemetry message at QoS 1, commits groups to SQLite at synchronous=FULL, acknowledges after the commit. Tells
 * its committed rows when asked over IPC.
 */
const [, , port = '0', file = ''] = process.argv
const store = new Database(file)
store.pragma('journal_mode = WAL')
store.pragma('synchronous = FULL')
store.exec('CREATE TABLE hot (seq INTEGER PRIMARY KEY, series INTEGER, ts INTEGER, value REAL)')
const insert = store.prepare('INSERT INTO hot (series, ts, value) VALUES (?, ?, ?)')
const series = new Map<string, number>()
let committed = 0

let pending: { series: number; ts: number; value: number }[] = []
let acknowledgements: number[] = []
let planned = false

const commit = store.transaction((rows: typeof pending) => {
  for (const row of rows) insert.run(row.series, row.ts, row.value)
})

const socket = connect(Number(port), '127.0.0.1')
socket.setNoDelay(true)
const reader = new PacketReader((header, bytes, start, end) => {
  switch (header >> 4) {
    case PacketType.connack:
      socket.write(encodeSubscribe(1, 'mw/+/telemetry'))
      return
    case PacketType.suback:
      process.send?.('subscribed')
      return
    case PacketType.publish:
      take(header, bytes, start, end)
      return
  }
})
socket.on('data', (chunk) => reader.push(chunk))
socket.write(encodeConnect('bench-subscriber', { keepalive: 0 }))

function take(header: number, bytes: Buffer, start: number, end: number): void {
  const nameLength = bytes.readUInt16BE(start)
  const topic = bytes.toString('latin1', start + 2, start + 2 + nameLength)
  let at = start + 2 + nameLength
  if ((header & 6) !== 0) {
    acknowledgements.push(bytes.readUInt16BE(at))
    at += 2
  }
  const { ts, values } = JSON.parse(bytes.toString('utf8', at, end)) as {
    ts: number
    values: Record<string, number>
  }
  for (const [channel, value] of Object.entries(values)) {
    const name = `${topic}/${channel}`
    const known = series.get(name) ?? series.size + 1
    series.set(name, known)
    pending.push({ series: known, ts, value })
  }
  if (planned) return
  planned = true
  setImmediate(commitGroup)
}

function commitGroup(): void {
  planned = false
  const rows = pending
  const ids = acknowledgements
  pending = []
  acknowledgements = []
  commit(rows)
  committed += rows.length
  const answer = Buffer.allocUnsafe(ids.length * 4)
  for (const [index, id] of ids.entries()) {
    answer.writeUInt16BE(0x40_02, index * 4)
    answer.writeUInt16BE(id, index * 4 + 2)
  }
  socket.write(answer)
}

process.on('message', () => process.send?.(committed))
process.on('disconnect', () => process.exit(0))
