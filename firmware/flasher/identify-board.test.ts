import { UnsupportedCommandError } from 'esptool-js'
import { expect, test } from 'vitest'
import type { BoardLoader } from './board-loader.ts'
import { identifyChip } from './identify-board.ts'
import { Interruption } from './interruption.ts'
import { NoAnswer } from './line-transport.ts'

/** A ROM that says this of its fuses, and has this word at the place of its magic. */
function romOf(security: () => object, magic: () => number): BoardLoader {
  const double = {
    getSecurityInfo: async () => security(),
    readReg: async () => magic(),
    transport: { getInfo: () => '/dev/ttyACM0' },
  }
  return double as unknown as BoardLoader
}

const lost = () => {
  throw new NoAnswer('no answer')
}
const unsupported = () => {
  throw new UnsupportedCommandError()
}
const fuses = (chipId: number | null, isSecure = false) => ({
  chipId,
  parsedFlags: { SECURE_DOWNLOAD_ENABLE: isSecure },
})

test.each([
  ['ESP32', romOf(unsupported, () => 0x00f0_1d83)],
  [
    'ESP32-S2',
    romOf(
      () => fuses(null),
      () => 0x7c6,
    ),
  ],
  ['ESP32-S2', romOf(() => fuses(null, true), unsupported)],
  ['ESP32-S3', romOf(() => fuses(9), unsupported)],
])('knows an %s', async (family, rom) => {
  expect((await identifyChip(rom, new Interruption())).family).toBe(family)
})

test('a lost answer is asked for again, not taken for a chip without the command', async () => {
  await expect(
    identifyChip(
      romOf(lost, () => 9),
      new Interruption(),
    ),
  ).rejects.toBeInstanceOf(NoAnswer)
})

test('a chip that nobody knows is told', async () => {
  const { code } = await identifyChip(
    romOf(
      () => fuses(99),
      () => 9,
    ),
    new Interruption(),
  ).catch((e) => e)
  expect(code).toBe('board_unsupported')
})
