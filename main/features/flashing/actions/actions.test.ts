import { expect, it } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { openSiteDb } from '#platform/db/site-db.ts'
import type { OpenedFirmware } from '../bench-port.ts'
import { Contacts } from '../contacts.ts'
import type { ActionTools } from './action-tools.ts'
import { awaitContact } from './await-contact.ts'
import { keepingSettings } from './change-firmware.ts'
import { changeSettings, merged, readSettings, type SettingsTools } from './change-settings.ts'
import { filledParts } from './whole-flash.ts'

const nvs = { label: 'nvs', offset: 0x9000, size: 0x4000, isEncrypted: false }
const otadata = { offset: 0xd000, size: 0x2000 }
const part = (name: string, offset: number, size: number) => ({ name, offset, bytes: new Uint8Array(size) })
const app = part('app', 0x10000, 0x8000)

function firmware(parts: OpenedFirmware['parts'], at: OpenedFirmware['nvs'] = nvs): OpenedFirmware {
  const abilities = { kind: 'gateway' as const, makesKeys: false, improv: false, isSimulated: false }
  return {
    name: 'fw',
    version: '2',
    hash: '',
    signature: 'signed',
    parts,
    partitions: [],
    nvs: at,
    ...abilities,
  }
}

it('firmware alone keeps the settings where they are, and starts the new app', () => {
  const parts = keepingSettings(firmware([app, part('nvs', 0x9000, 0x4000)]), { nvs, otadata })
  expect(parts.map(({ name, offset }) => [name, offset])).toEqual([
    ['app', 0x10000],
    ['otadata', 0xd000],
  ])
  expect(parts[1]?.bytes.every((byte) => byte === 0xff)).toBe(true)
  const own = firmware([app, part('otadata', 0xd000, 0x2000)])
  expect(keepingSettings(own, { nvs, otadata }).map(({ name }) => name)).toEqual(['app', 'otadata'])
})

it.each([
  ['the bundle puts NVS elsewhere', firmware([app], { ...nvs, offset: 0xa000 }), nvs],
  ['the bundle has another size for it', firmware([app], { ...nvs, size: 0x3000 }), nvs],
  ['the bundle has none', firmware([app], null), nvs],
  ['the board has none', firmware([app]), null],
])('firmware alone is refused where %s', (_, opened, found) => {
  expect(() => keepingSettings(opened, { nvs: found, otadata })).toThrow(
    expect.objectContaining({ code: 'nvs_moved' }),
  )
})

it('a part that reaches into the settings is refused', () => {
  const over = firmware([part('partition table', 0x8000, 0x1004), app])
  expect(() => keepingSettings(over, { nvs, otadata })).toThrow(
    expect.objectContaining({ code: 'parts_overlap' }),
  )
})

it('new settings replace the site’s own and leave the rest of NVS', () => {
  const u8 = (value: number) => ({ type: 'u8' as const, value })
  const found = { phy: { cal: u8(1) }, mw: { secret: u8(2), wifi: u8(3), site_plan: u8(4) } }
  expect(merged(found, { mw: { id: u8(5) } })).toEqual({
    phy: { cal: u8(1) },
    mw: { wifi: u8(3), site_plan: u8(4), id: u8(5) },
  })
  expect(merged({}, { mw: { id: u8(5) } })).toEqual({ mw: { id: u8(5) } })
})

it.each([
  ['what is encrypted is refused', 'nvs_encrypted', false, 'nvs_encrypted_board'],
  ['damage is refused where some of it is to stay', 'nvs_image_corrupt', true, 'nvs_image_corrupt'],
] as const)('of settings that cannot be read, %s', (_, thrown, isNeeded, code) => {
  const data = thrown === 'nvs_encrypted' ? {} : { at: '0x0', problem: 'a checksum is wrong' }
  const read = () => {
    throw new ExpectedError(thrown, data)
  }
  expect(() => readSettings(new Uint8Array(8), { log: () => {}, read, isNeeded })).toThrow(
    expect.objectContaining({ code }),
  )
})

it('settings of a board that encrypts them are refused before a credential is made', async () => {
  const db = await openSiteDb(':memory:')
  const untouched = () => {
    throw new Error('It went on')
  }
  const tools = {
    session: { read: async () => new Uint8Array(0xc00), write: untouched },
    step: async () => {},
    progress: () => {},
    log: () => {},
  }
  const readLayout = () => ({ nvs: { ...nvs, isEncrypted: true }, otadata: null })
  const settings = { db, readLayout, readNvs: untouched, enrollment: { prepare: untouched } }
  try {
    await expect(
      changeSettings(tools as unknown as ActionTools, settings as unknown as SettingsTools, {
        gateway: { id: 'g' } as Parameters<typeof changeSettings>[2]['gateway'],
        wifiId: null,
      }),
    ).rejects.toMatchObject({ code: 'nvs_encrypted_board' })
  } finally {
    await db.destroy()
  }
})

it('settings that are damaged are told, and replaced whole', () => {
  const said: string[] = []
  const read = () => {
    throw new ExpectedError('nvs_image_corrupt', { at: '0x0', problem: 'a checksum is wrong' })
  }
  const image = new Uint8Array(8).fill(7)
  expect(readSettings(image, { log: (text) => said.push(text), read, isNeeded: false })).toEqual({})
  expect(said).toHaveLength(1)
  expect(image.every((byte) => byte === 0)).toBe(true)
})

it('a backup is written where it is not empty', () => {
  const image = new Uint8Array(0x60000).fill(0xff)
  image[0x1000] = 1
  image[0x4fff] = 1
  image[0x5ffff] = 1
  expect(filledParts(image).map(({ offset, bytes }) => [offset, bytes.length])).toEqual([
    [0x1000, 0x4000],
    [0x5f000, 0x1000],
  ])
  expect(filledParts(new Uint8Array(0x8000).fill(0xff))).toEqual([])
})

it('waits for the very credential that was written', async () => {
  const contacts = new Contacts()
  const { signal } = new AbortController()
  const contact = awaitContact(
    contacts,
    { gatewayId: 'g', fingerprint: 'new', secretId: null },
    { code: 'GW1', signal },
  )
  let came = false
  const arrival = (async () => {
    await contact
    came = true
  })()
  contacts.proved([{ fingerprint: 'old', secretId: null }])
  await Promise.resolve()
  expect(came).toBe(false)
  contacts.proved([{ fingerprint: 'new', secretId: null }])
  await arrival
  expect(contacts.isIdle).toBe(true)
})

it('stops waiting when it is told to', async () => {
  const contacts = new Contacts()
  const controller = new AbortController()
  const waiting = awaitContact(
    contacts,
    { gatewayId: 'g', fingerprint: 'f', secretId: null },
    { code: '', signal: controller.signal },
  )
  controller.abort(new ExpectedError('flash_cancelled', { step: 'waiting' }))
  await expect(waiting).rejects.toMatchObject({ code: 'flash_cancelled' })
  expect(contacts.isIdle).toBe(true)
})
