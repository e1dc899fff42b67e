import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listPorts } from './list-ports.ts'
import { describeDenied } from './port-access.ts'
import { portHelp } from './port-help.ts'
import { type MachineFixture, machineFixture } from './system.fixture.ts'
import { installUdevRule, udevRuleCommand, udevRuleText } from './udev-rule.ts'

let machine: MachineFixture
beforeEach(async () => {
  machine = await machineFixture()
})
afterEach(() => machine.remove())

const cp2102 = { idVendor: '10c4', idProduct: 'ea60' }

/** The ports of the machine, the first of them as one that this account may not open. */
async function help(denied: { group: string | null; user?: string }, programs: string[] = []) {
  const ports = await listPorts({ system: machine.system })
  const access = describeDenied(denied.group, denied.user ?? 'ana')
  for (const name of programs) await machine.file(`bin/${name}`)
  return portHelp(
    ports.map((port) => ({ ...port, access })),
    machine.system,
    { PATH: join(machine.system.dev, '../bin') },
  )
}

describe('help with ports', () => {
  it('names the group that may open a port, and the command that joins it', async () => {
    await machine.usbPort('ttyUSB0', '1-1', cp2102)
    expect(await help({ group: 'dialout' })).toEqual({
      problem: 'not_in_group',
      group: 'dialout',
      command: 'sudo usermod -aG dialout ana',
    })
  })

  it('gives the rule of udev where no group opens it', async () => {
    await machine.usbPort('ttyUSB0', '1-1', cp2102)
    const { system } = machine
    expect(await help({ group: 'root' }, ['udevadm'])).toEqual({
      problem: 'no_rule',
      group: null,
      command: udevRuleCommand(join(system.etc, 'udev/rules.d/60-millwright.rules')),
    })
  })

  it('tells of an adapter without a port, and who took it', async () => {
    await machine.usbPort('ttyUSB0', '1-1', { idVendor: '1a86', idProduct: '7523' })
    await rm(join(machine.system.sys, 'devices/pci0000:00/usb1/1-1/1-1:1.0/ttyUSB0'), { recursive: true })
    await rm(join(machine.system.sys, 'class/tty/ttyUSB0'))
    await rm(join(machine.system.dev, 'ttyUSB0'))
    expect(await portHelp([], machine.system, {})).toEqual({
      problem: 'no_driver',
      group: null,
      command: 'sudo modprobe ch341',
    })
    await machine.file('bin/brltty')
    expect(await portHelp([], machine.system, { PATH: join(machine.system.dev, '../bin') })).toMatchObject({
      command: 'sudo systemctl mask --now brltty-udev brltty',
    })
  })

  it('has nothing to say where all is well', async () => {
    await machine.usbPort('ttyUSB0', '1-1', cp2102)
    await machine.usbPort('ttyACM0', '1-2', { idVendor: '303a', idProduct: '1001' })
    expect(await portHelp(await listPorts({ system: machine.system }), machine.system, {})).toBeNull()
  })
})

describe('the rule of udev', () => {
  it('is the file that packages install', async () => {
    const file = join(import.meta.dirname, '../../../resources/udev/60-millwright.rules')
    expect(await readFile(file, 'utf8')).toBe(udevRuleText())
  })

  it('is written and made to count where that is allowed', async () => {
    const ran: string[] = []
    const run = async (program: string, args: readonly string[]) => ran.push([program, ...args].join(' '))
    expect(await installUdevRule(machine.system, run)).toEqual({ installed: true, command: null })
    const file = join(machine.system.etc, 'udev/rules.d/60-millwright.rules')
    expect(await readFile(file, 'utf8')).toBe(udevRuleText())
    expect(ran).toEqual([
      'udevadm control --reload-rules',
      'udevadm trigger --subsystem-match=tty --subsystem-match=usb',
    ])
  })

  it('is a command that writes the same text where it is not', async () => {
    await rm(join(machine.system.etc, 'udev'), { recursive: true })
    await writeFile(join(machine.system.etc, 'udev'), 'a file is in the way')
    const { installed, command } = await installUdevRule(machine.system, async () => undefined)
    expect(installed).toBe(false)
    const { execFileSync } = await import('node:child_process')
    const printed = command?.slice(0, command.indexOf(' | sudo tee')) ?? ''
    expect(execFileSync('sh', ['-c', printed], { encoding: 'utf8' })).toBe(udevRuleText())
  })
})
