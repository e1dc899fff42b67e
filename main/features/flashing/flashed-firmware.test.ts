import { expect, test } from 'vitest'
import type { OpenedFirmware } from './bench-port.ts'
import { partsWithNvs, requireNvs, requireRunsOn } from './flashed-firmware.ts'

const nvs = { label: 'nvs', offset: 0x9000, size: 0x3000, isEncrypted: false }
const firmware = (change: Partial<OpenedFirmware>): OpenedFirmware => ({
  name: 'fw',
  version: '2',
  hash: '',
  signature: 'unsigned',
  parts: [
    { name: 'app', offset: 0x10000, bytes: new Uint8Array(16) },
    { name: 'empty nvs', offset: 0x9000, bytes: new Uint8Array(16) },
  ],
  partitions: [],
  nvs,
  kind: 'gateway',
  makesKeys: false,
  improv: false,
  isSimulated: false,
  ...change,
})
const port = (isSimulated: boolean) => ({
  path: '/dev/ttyUSB0',
  name: 'ttyUSB0',
  identity: 'usb',
  isSimulated,
})

test('settings take the place of an empty NVS, in the order of offsets', () => {
  const parts = partsWithNvs(firmware({}), new Uint8Array(0x3000))
  expect(parts.map(({ name, isShared }) => [name, isShared])).toEqual([
    ['nvs', undefined],
    ['app', true],
  ])
})

test.each([
  ['has no place for settings', { nvs: null }, 'partition_missing'],
  ['keeps them encrypted', { nvs: { ...nvs, isEncrypted: true } }, 'nvs_encrypted_board'],
])('firmware that %s is refused', (_, change, code) => {
  expect(() => requireNvs(firmware(change))).toThrow(expect.objectContaining({ code }))
})

test('what is for simulated boards is not written to a real one', () => {
  expect(() => requireRunsOn(firmware({ isSimulated: true }), port(false))).toThrow(
    expect.objectContaining({ code: 'bundle_simulated' }),
  )
  expect(() => requireRunsOn(firmware({ isSimulated: true }), port(true))).not.toThrow()
  expect(() => requireRunsOn(firmware({}), port(false))).not.toThrow()
})
