import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { openPseudoTerminal } from '../pty.fixture.ts'
import { openSerialLine } from '../serial-line.ts'
import { rememberedHolders } from './holder-memory.ts'
import { listPorts } from './list-ports.ts'
import { fromListed } from './other-ports.ts'
import { PortWatch } from './port-watch.ts'
import { type MachineFixture, machineFixture } from './system.fixture.ts'
import { systemPaths } from './system-paths.ts'

let machine: MachineFixture
beforeEach(async () => {
  machine = await machineFixture()
})
afterEach(() => machine.remove())

const cp2102 = { idVendor: '10c4', idProduct: 'ea60', serial: '0001', manufacturer: 'Silicon Labs' }
const list = (): Promise<SerialPort[]> => listPorts({ system: machine.system })

describe('ports of a Linux machine', () => {
  it('tells adapter, socket and chip of each', async () => {
    await machine.usbPort('ttyUSB0', '1-1.2', cp2102)
    await machine.usbPort('ttyUSB10', '1-1.3', { idVendor: '1a86', idProduct: '55d4' })
    await machine.usbPort('ttyUSB2', '1-1.4', { idVendor: '0403', idProduct: '6010', serial: 'A1' })
    await machine.usbPort('ttyACM0', '1-2', { idVendor: '303a', idProduct: '1001', serial: 'AA:BB' })
    await machine.usbPort('ttyACM1', '1-3', { idVendor: '303a', idProduct: '0002', serial: '0' })
    await machine.usbPort('ttyUSB3', '1-4', { idVendor: '067b', idProduct: '9999' })
    await machine.usbPort('ttyUSB4', '1-5', { idVendor: '1234', idProduct: '0001' })
    const ports = await list()
    expect(ports.map((port) => [port.name, port.adapter, port.guess, port.identity])).toEqual([
      ['ttyACM0', 'native', 'ESP32-S3, C3, C6 or H2 (USB)', 'usb:303a@1-2:1.0'],
      ['ttyACM1', 'native', 'ESP32-S2 (USB)', 'usb:303a@1-3:1.0'],
      ['ttyUSB0', 'cp210x', 'CP2102', 'usb:10c4:ea60:0001@1-1.2:1.0'],
      ['ttyUSB2', 'ftdi', 'FT2232H', 'usb:0403:6010:A1@1-1.4:1.0'],
      ['ttyUSB3', 'prolific', 'PL2303', 'usb:067b:9999:@1-4:1.0'],
      ['ttyUSB4', 'other', null, 'usb:1234:0001:@1-5:1.0'],
      ['ttyUSB10', 'ch34x', 'CH9102', 'usb:1a86:55d4:@1-1.3:1.0'],
    ])
    expect(ports[2]).toMatchObject({
      path: join(machine.system.dev, 'ttyUSB0'),
      vendorId: '10c4',
      productId: 'ea60',
      serialNumber: '0001',
      manufacturer: 'Silicon Labs',
      isSimulated: false,
      access: { state: 'free' },
    })
  })

  it('leaves out consoles, ports of the mainboard, modems and Bluetooth', async () => {
    for (const name of ['tty0', 'console', 'ptmx', 'rfcomm0', 'ttyS0', 'ttyAMA0']) {
      await mkdir(join(machine.system.sys, 'class/tty', name), { recursive: true })
      await machine.file(`dev/${name}`)
    }
    await machine.usbPort('ttyUSB0', '1-1', { idVendor: '2c7c', idProduct: '0125' })
    await machine.usbPort('ttyUSB1', '1-2', cp2102)
    expect((await list()).map((port) => port.name)).toEqual(['ttyUSB1'])
  })

  it('lists by name what only /dev knows, and nothing that /dev has not', async () => {
    await machine.file('dev/ttyUSB7')
    await machine.usbPort('ttyUSB8', '1-1', cp2102)
    await rm(join(machine.system.dev, 'ttyUSB8'))
    expect((await list()).map((port) => port.name)).toEqual(['ttyUSB7'])
    await rm(machine.system.sys, { recursive: true })
    expect((await list()).map((port) => port.name)).toEqual(['ttyUSB7'])
  })

  it('names the program that holds a port, by its open files and by its lock file', async () => {
    await machine.usbPort('ttyUSB0', '1-1', cp2102)
    await machine.usbPort('ttyUSB1', '1-2', cp2102)
    await machine.usbPort('ttyUSB2', '1-3', cp2102)
    await machine.program(4242, 'screen', ['/etc/passwd', join(machine.system.dev, 'ttyUSB0')])
    await machine.program(77, 'minicom', [])
    await machine.file('var/lock/LCK..ttyUSB1', '        77\n')
    await machine.file('var/lock/LCK..ttyUSB2', '      9999\n')
    expect((await list()).map((port) => port.access)).toEqual([
      { state: 'busy', program: 'screen', pid: 4242 },
      { state: 'busy', program: 'minicom', pid: 77 },
      { state: 'free' },
    ])
  })
})

describe('who holds a port', () => {
  it('is looked for again when ports change, or after a while', async () => {
    let now = 0
    const find = rememberedHolders(() => now)
    const port = join(machine.system.dev, 'ttyUSB0')
    expect([...(await find([port], machine.system))]).toEqual([])
    await machine.program(4242, 'screen', [port])
    expect([...(await find([port], machine.system))]).toEqual([])
    expect((await find([port, '/dev/ttyUSB1'], machine.system)).get(port)?.program).toBe('screen')
    expect([...(await find([port], machine.system)).keys()]).toEqual([port])
    await rm(join(machine.system.proc, '4242'), { recursive: true })
    now = 4999
    expect((await find([port], machine.system)).size).toBe(1)
    now = 5000
    expect((await find([port], machine.system)).size).toBe(0)
  })
})

describe('simulated ports', () => {
  it('come and go with their files, and are told when they do', async () => {
    const folder = join(machine.system.dev, 'boards')
    const pty = await openPseudoTerminal()
    const heard: SerialPort[][] = []
    const watch = new PortWatch({ system: machine.system, simulatedPorts: folder, everyMs: 10 }, (ports) =>
      heard.push(ports),
    )
    watch.start()
    try {
      await expect.poll(() => heard).toEqual([[]])
      await mkdir(folder)
      await writeFile(join(folder, 'torn.json'), '{"path":')
      await writeFile(
        join(folder, 'next'),
        JSON.stringify({
          path: pty.path,
          vendorId: '303a',
          productId: '1001',
          serialNumber: 'SIM1',
          control: '/x',
        }),
      )
      await rename(join(folder, 'next'), join(folder, 'board-1.json'))
      await expect.poll(() => heard.length).toBe(2)
      expect(watch.ports).toMatchObject([
        {
          path: pty.path,
          name: pty.path.slice(5),
          identity: 'simulated:SIM1',
          isSimulated: true,
          adapter: 'native',
        },
      ])
      await rm(join(folder, 'board-1.json'))
      await expect.poll(() => heard.length).toBe(3)
      expect(watch.ports).toEqual([])
    } finally {
      await watch.stop()
      await pty.stop()
    }
  })

  it('are busy where another program locked them, and its name is told to who opens them', async () => {
    const pty = await openPseudoTerminal()
    const folder = join(machine.system.dev, 'boards')
    await mkdir(folder)
    await writeFile(join(folder, 'b.json'), JSON.stringify({ path: pty.path, control: '/x' }))
    const lock = await lockInOtherProgram(pty.path)
    try {
      const ports = await listPorts({
        simulatedPorts: folder,
        system: { ...machine.system, proc: systemPaths.proc },
      })
      expect(ports[0]?.access).toEqual({ state: 'busy', program: lock.program, pid: lock.pid })
      await expect(openSerialLine({ path: pty.path, baud: 115_200 })).rejects.toMatchObject({
        code: 'port_busy',
        data: { port: pty.path, holder: `${lock.program} (${lock.pid})` },
      })
    } finally {
      await lock.release()
      await pty.stop()
    }
  })
})

describe('ports of other systems', () => {
  it('reads the list of Windows', () => {
    expect(
      fromListed([
        {
          path: 'COM12',
          manufacturer: 'Silicon Labs',
          serialNumber: '0001',
          pnpId: 'USB\\VID_10C4&PID_EA60\\0001',
          locationId: 'Port_#0003.Hub_#0001',
          vendorId: '10C4',
          productId: 'EA60',
        },
        { path: 'COM5', pnpId: 'USB\\VID_303A&PID_1001&MI_00\\7&1', vendorId: '303A', productId: '1001' },
        { path: 'COM3', manufacturer: 'Microsoft', pnpId: 'BTHENUM\\{00001101-0000}\\7&2' },
        { path: 'COM1', manufacturer: '(Standard port types)', pnpId: 'ACPI\\PNP0501\\0' },
      ]),
    ).toEqual([
      {
        path: 'COM5',
        vendorId: '303a',
        productId: '1001',
        serialNumber: null,
        manufacturer: null,
        location: 'USB\\VID_303A&PID_1001&MI_00\\7&1',
      },
      {
        path: 'COM12',
        vendorId: '10c4',
        productId: 'ea60',
        serialNumber: '0001',
        manufacturer: 'Silicon Labs',
        location: 'Port_#0003.Hub_#0001',
      },
    ])
  })

  it('reads the list of macOS, with the name that does not wait for a carrier', () => {
    expect(
      fromListed([
        { path: '/dev/tty.Bluetooth-Incoming-Port' },
        { path: '/dev/tty.debug-console' },
        { path: '/dev/tty.usbserial-0001', vendorId: '10c4', productId: 'ea60', locationId: '14100000' },
        { path: '/dev/tty.usbmodem1101', vendorId: '303a', productId: '1001', locationId: '01100000' },
      ]).map((port) => [port.path, port.vendorId, port.location]),
    ).toEqual([
      ['/dev/cu.usbmodem1101', '303a', '01100000'],
      ['/dev/cu.usbserial-0001', '10c4', '14100000'],
    ])
  })
})

/** flock(1) of util-linux runs a program that holds the lock. */
async function lockInOtherProgram(
  path: string,
): Promise<{ program: string; pid: number; release: () => Promise<void> }> {
  const { spawn } = await import('node:child_process')
  const child = spawn('flock', ['-x', path, 'sh', '-c', 'echo locked; read wait'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await new Promise<void>((done) => child.stdout.once('data', () => done()))
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  return {
    program: 'flock',
    pid: child.pid ?? 0,
    release: async () => {
      child.stdin.end('\n')
      await ended
    },
  }
}
