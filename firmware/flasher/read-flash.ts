import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { type BoardLoader, wordsOf } from './board-loader.ts'
import type { FlashMeter } from './flash-meter.ts'
import { NoAnswer } from './line-transport.ts'

const READ_FLASH = 0xd2
const PACKET = 0x1000
/** Bytes that the stub sends ahead of our acknowledgement: the line never idles, and its small queue holds the answers. */
const IN_FLIGHT = 0x2000
const ATTEMPTS = 5
/** An acknowledgement of more than was sent ends a transfer; one of less makes the stub wait for the next. */
const END_OF_READING = 0xffff_ffff
/** Read in pieces, so that a damaged one costs only itself. */
const PIECE = 0x1_0000

/**
 * Reads a region of the flash.
 * @throws {ExpectedError} `verify_failed` where the stub's own MD5 differs from what arrived
 */
export async function readFlash(
  loader: BoardLoader,
  offset: number,
  size: number,
  meter: FlashMeter,
): Promise<Uint8Array> {
  const all = new Uint8Array(size)
  for (let at = 0; at < size; at += PIECE) {
    const piece = all.subarray(at, Math.min(at + PIECE, size))
    await readPiece(loader, offset + at, piece)
    meter.add('flash', piece.length)
  }
  return all
}

async function readPiece(loader: BoardLoader, offset: number, into: Uint8Array): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await readOnce(loader, offset, into)
      return
    } catch (error) {
      const isWorthIt = error instanceof NoAnswer || error instanceof ExpectedError
      if (!isWorthIt || attempt === ATTEMPTS || isInterruption(error)) throw error
      await loader.transport.write(wordsOf(END_OF_READING))
      await loader.transport.drainInput()
    }
  }
}

const isInterruption = (error: Error): boolean =>
  error instanceof ExpectedError && error.code !== 'verify_failed'

async function readOnce(loader: BoardLoader, offset: number, into: Uint8Array): Promise<void> {
  const { transport } = loader
  const words = wordsOf(offset, into.length, PACKET, IN_FLIGHT)
  await loader.checkCommand('read the flash', READ_FLASH, words)
  const timeout = 3_000 + (PACKET * 20_000) / transport.baudrate
  let done = 0
  while (done < into.length) {
    const packet = await transport.read(timeout)
    if (packet.length !== Math.min(PACKET, into.length - done)) throw damaged(offset, packet.length)
    into.set(packet, done)
    done += packet.length
    await transport.write(wordsOf(done))
  }
  const told = Buffer.from(await transport.read(timeout)).toString('hex')
  const actual = createHash('md5').update(into).digest('hex')
  if (told !== actual) throw new ExpectedError('verify_failed', { part: 'flash', expected: told, actual })
}

const damaged = (offset: number, length: number): ExpectedError =>
  new ExpectedError('verify_failed', {
    part: `0x${offset.toString(16)}`,
    expected: `${PACKET} bytes`,
    actual: `${length} bytes`,
  })
