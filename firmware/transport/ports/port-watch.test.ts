import { afterEach, beforeEach, expect, it } from 'vitest'
import { userName } from './port-access.ts'
import { PortWatch } from './port-watch.ts'
import { type MachineFixture, machineFixture } from './system.fixture.ts'

let machine: MachineFixture
beforeEach(async () => {
  machine = await machineFixture()
})
afterEach(() => machine.remove())

it('goes on looking when a look fails, or whoever listens', async () => {
  await machine.usbPort('ttyUSB0', '1-1', { idVendor: '10c4', idProduct: 'ea60' })
  const told: number[] = []
  const failures: string[] = []
  let looks = 0
  const findHolders = async () => {
    looks++
    if (looks <= 3) throw new Error('no holders')
    return new Map()
  }
  const onError = (error: unknown) => failures.push((error as Error).message)
  const watch = new PortWatch({ system: machine.system, everyMs: 1, findHolders, onError }, (ports) => {
    told.push(ports.length)
    if (told.length === 1) throw new Error('a listener failed')
  })
  watch.start()
  await expect.poll(() => told).toEqual([1])
  await machine.usbPort('ttyUSB1', '1-2', { idVendor: '10c4', idProduct: 'ea60' })
  await expect.poll(() => told).toEqual([1, 2])
  await watch.stop()
  // Each once, however often it comes.
  expect(failures).toEqual(['no holders', 'a listener failed'])
})

it('an account without a name is named by its number', () => {
  const noEntry = () => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT')
  }
  expect(userName(noEntry)).toBe(String(process.getuid?.()))
  expect(userName(() => ({ username: 'ana' }))).toBe('ana')
})
