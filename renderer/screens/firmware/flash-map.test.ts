import { expect, test } from 'vitest'
import type { BundleBuild } from '#contract/model/bundle.ts'
import { flashRegions, widthsOf } from './flash-map.ts'

const part = (role: 'bootloader' | 'app', offset: number, size: number) => ({
  name: role,
  path: `${role}.bin`,
  role,
  offset,
  size,
  sha256: '0'.repeat(64),
})
const partition = (label: string, type: number, offset: number, size: number) => ({
  label,
  type,
  subtype: 2,
  offset,
  size,
  isEncrypted: false,
})

const build: BundleBuild = {
  chip: 'ESP32',
  parts: [part('bootloader', 0x1000, 0x3000), part('app', 0x20000, 0x8000)],
  partitions: [partition('app0', 0, 0x20000, 0x10000), partition('nvs', 1, 0x9000, 0x6000)],
  nvs: { label: 'nvs', offset: 0x9000, size: 0x6000 },
  minimumRevision: null,
  maximumRevision: null,
  flashSize: 0x40000,
  app: null,
}

test('regions follow one another without a gap, and say what is written into each', () => {
  const regions = flashRegions(build)
  expect(regions.map(({ name, kind, written }) => [name, kind, written])).toEqual([
    ['', 'free', 0],
    ['bootloader', 'boot', 0x3000],
    ['partition table', 'boot', 0],
    ['nvs', 'nvs', 0],
    ['', 'free', 0],
    ['app0', 'app', 0x8000],
    ['', 'free', 0],
  ])
  for (const [index, { offset, size }] of regions.entries())
    expect(regions[index + 1]?.offset ?? build.flashSize).toBe(offset + size)
  expect(widthsOf(regions).reduce((sum, width) => sum + width)).toBeCloseTo(100)
})
