import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { NvsContents } from '#firmware/nvs/index.ts'
import { FlashArray } from '../flash-array.ts'
import type { BootPartition } from './boot-partitions.ts'
import { DeviceNvs } from './device-nvs.ts'

const fixtures = resolve(import.meta.dirname, '../../../../tests/fixtures/nvs')
const nvs: BootPartition = { type: 1, subtype: 2, offset: 0x9000, size: 0x6000, label: 'nvs' }
const keys: BootPartition = { type: 1, subtype: 4, offset: 0xf000, size: 0x1000, label: 'nvs_key' }
const contents: NvsContents = { mw: { id: { type: 'string', value: 'gateway' } } }

test('blank settings are none; what is written is read', () => {
  const settings = new DeviceNvs(new FlashArray(1 << 20), [nvs])
  expect(settings.read()).toEqual({})
  settings.write(contents)
  expect(settings.read()).toEqual(contents)
})

test('with a partition of keys they are encrypted, as a device that has the keys reads and writes them', async () => {
  const flash = new FlashArray(1 << 20)
  flash.program(keys.offset, await readFile(join(fixtures, 'keys/enckey.bin')))
  flash.program(nvs.offset, await readFile(join(fixtures, 'ref1-enc.bin')))
  const settings = new DeviceNvs(flash, [nvs, keys])
  expect(Object.keys(settings.read())).not.toHaveLength(0)
  settings.write(contents)
  expect(new DeviceNvs(flash, [nvs, keys]).read()).toEqual(contents)
  expect(Buffer.from(flash.read(nvs.offset, nvs.size)).includes('gateway')).toBe(false)
})
