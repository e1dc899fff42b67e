import type { ESPLoader } from 'esptool-js'
import { expect, test } from 'vitest'
import { chipFamilies } from '#contract/model/board.ts'
import { parseFlashId } from './flash-id.ts'
import { hasOddBits } from './security-info.ts'
import { bootloaderOffset, targetByChipId, targetByMagic, targets } from './targets.ts'

/** A loader whose registers hold these words. */
function loaderWith(
  words: Record<number, number>,
  info?: { flags: number; flashCryptCnt: number },
): ESPLoader {
  const parsedFlags = {
    SECURE_BOOT_EN: ((info?.flags ?? 0) & 1) !== 0,
    SECURE_DOWNLOAD_ENABLE: ((info?.flags ?? 0) & 4) !== 0,
  }
  const double = {
    readReg: async (address: number) => (words[address] ?? 0) | 0,
    getSecurityInfo: async () => ({ flashCryptCnt: info?.flashCryptCnt ?? 0, parsedFlags }),
  }
  return double as unknown as ESPLoader
}

test('every family has its target, and esptool-js knows it by the same name', () => {
  for (const family of chipFamilies) {
    expect(targets[family].family).toBe(family)
    const rom = targets[family].createRom()
    expect(rom.CHIP_NAME).toBe(family)
    expect(bootloaderOffset(family)).toBe(rom.BOOTLOADER_FLASH_OFFSET)
    if (targets[family].chipId !== null) expect(targetByChipId(rom.IMAGE_CHIP_ID ?? -1)?.family).toBe(family)
  }
  expect(targetByMagic(0x00f01d83)?.family).toBe('ESP32')
  expect(targetByMagic(0x7c6)?.family).toBe('ESP32-S2')
  expect(targetByMagic(0xfff0c101)).toBeUndefined()
  expect(targetByChipId(18)).toBeUndefined()
})

test.each([
  ['ESP32', { 0x3ff5a00c: 1 << 15, 0x3ff5a014: (1 << 20) | (1 << 24), 0x3ff6607c: 1 << 31 }, '3.1'],
  ['ESP32', { 0x3ff5a00c: 1 << 15 }, '1.0'],
  ['ESP32', {}, '0.0'],
  ['ESP32-S2', { 0x3f41a050: 1 << 18, 0x3f41a054: 2 << 4 }, '1.2'],
  ['ESP32-S3', { 0x60007050: 2 << 18 }, '0.2'],
  ['ESP32-S3', { 0x60007050: 1 << 24, 0x6000706c: 1, 0x60007058: 3 << 24 }, '0.0'],
  ['ESP32-C3', { 0x60008850: 4 << 18 }, '0.4'],
  ['ESP32-C3', { 0x60008850: 3 << 18, 0x60008858: (1 << 23) | (1 << 24) }, '1.11'],
  ['ESP32-C6', { 0x600b0850: (1 << 18) | (1 << 22) }, '1.1'],
  ['ESP32-C2', { 0x60008844: (1 << 20) | (2 << 16) }, '1.2'],
  ['ESP32-H2', { 0x600b0850: (2 << 18) | (1 << 21) }, '1.2'],
] as const)('%s tells its revision: %o', async (family, words, revision) => {
  expect(await targets[family].readRevision(loaderWith(words))).toBe(revision)
})

test('fuses of the ESP32 tell what keeps it from being flashed', async () => {
  const { readSecurity } = targets.ESP32
  expect(await readSecurity(loaderWith({}))).toEqual({
    secureBoot: false,
    flashEncryption: false,
    downloadMode: 'open',
  })
  // Secure boot version 1, and an odd count of burnt bits.
  expect(await readSecurity(loaderWith({ 0x3ff5a018: 1 << 4, 0x3ff5a000: 0b111 << 20 }))).toMatchObject({
    secureBoot: true,
    flashEncryption: true,
  })
  // Version 2; encryption was turned off again; download mode is off.
  expect(
    await readSecurity(loaderWith({ 0x3ff5a018: 1 << 5, 0x3ff5a000: (0b11 << 20) | (1 << 27) })),
  ).toEqual({ secureBoot: true, flashEncryption: false, downloadMode: 'disabled' })
})

test('the others tell by GET_SECURITY_INFO', async () => {
  const loader = loaderWith({}, { flags: 0b101, flashCryptCnt: 0b001 })
  expect(await targets['ESP32-C6'].readSecurity(loader)).toEqual({
    secureBoot: true,
    flashEncryption: true,
    downloadMode: 'secure',
  })
  expect([0, 1, 3, 7, 127].map(hasOddBits)).toEqual([false, true, false, true, true])
})

test.each([
  [0x1640ef, 'ef4016', 4 << 20],
  [0x174020, '204017', 8 << 20],
  [0x204020, '204020', 64 << 20],
  [0x3925c2, 'c22539', 32 << 20],
  [0x995000, '005099', null],
  [0xffffff, null, null],
  [0, null, null],
])('flash id %i is %s', (word, text, size) => {
  expect(parseFlashId(word)).toEqual({ text, size })
})
