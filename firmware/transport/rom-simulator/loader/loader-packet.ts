/** Commands of the serial protocol of the ROM loader and of the flasher stub. */
export const command = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParams: 0x0b,
  spiAttach: 0x0d,
  changeBaud: 0x0f,
  deflateBegin: 0x10,
  deflateData: 0x11,
  deflateEnd: 0x12,
  flashMd5: 0x13,
  securityInfo: 0x14,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
  runUserCode: 0xd3,
} as const

/** Second status byte of a refusal; those of the ROM are small, those of the stub begin at 0xc0. */
export const failure = {
  invalidMessage: 0x05,
  failedToAct: 0x06,
  invalidChecksum: 0x07,
  deflateError: 0x0b,
  stubBadLength: 0xc0,
  stubBadChecksum: 0xc1,
  stubBadBlockSize: 0xc2,
  stubFailedSpi: 0xc4,
  stubNotInFlashMode: 0xc6,
  stubInflateError: 0xc7,
  stubNotEnoughData: 0xc8,
  stubTooMuchData: 0xc9,
  stubNotImplemented: 0xff,
} as const

export interface LoaderRequest {
  op: number
  /** Of data blocks alone: see `checksumOf`. */
  checksum: number
  data: Uint8Array
}

/** Header: direction 0, command, size of the data, checksum. @returns null for what is no request */
export function parseRequest(packet: Uint8Array): LoaderRequest | null {
  if (packet.length < 8 || packet[0] !== 0) return null
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length)
  const data = packet.subarray(8)
  if (view.getUint16(2, true) !== data.length) return null
  return { op: packet[1] ?? 0, checksum: view.getUint32(4, true), data }
}

/** Header: direction 1, command, size, value; then the data, whose last bytes are the status. */
export function encodeResponse(op: number, value: number, data: Uint8Array): Uint8Array {
  const packet = new Uint8Array(8 + data.length)
  const view = new DataView(packet.buffer)
  packet[0] = 1
  packet[1] = op
  view.setUint16(2, data.length, true)
  view.setUint32(4, value >>> 0, true)
  packet.set(data, 8)
  return packet
}

/** XOR of a block's bytes from 0xef on. */
export function checksumOf(block: Uint8Array): number {
  let sum = 0xef
  for (const byte of block) sum ^= byte
  return sum
}

/** A little-endian word; missing ones are 0, as the loader's buffer is. */
export function wordAt(data: Uint8Array, index: number): number {
  const at = index * 4
  if (at + 4 > data.length) return 0
  return new DataView(data.buffer, data.byteOffset, data.length).getUint32(at, true)
}
