import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { listPortlessDevices } from './linux-ports.ts'
import { type SystemPaths, systemPaths } from './system-paths.ts'
import { udevRuleCommand } from './udev-rule.ts'
import { adapterMaker, adapterMakers } from './usb-adapters.ts'

/** What keeps boards from being seen or opened, and the command that helps. */
export interface PortHelp {
  problem: 'no_udevadm' | 'not_in_group' | 'no_rule' | 'no_driver'
  group: string | null
  command: string | null
}

/**
 * The first thing to put right on a Linux machine; null where nothing is wrong, and on other systems, which tell
 * nothing (docs/usb.md has their drivers).
 */
export async function portHelp(
  ports: readonly SerialPort[],
  system: SystemPaths = systemPaths,
  env: NodeJS.ProcessEnv = process.env,
): Promise<PortHelp | null> {
  if (process.platform !== 'linux') return null
  const denied = ports.map((port) => port.access).find((each) => each.state === 'denied')
  if (denied !== undefined) {
    const { group, command } = denied
    // Joining the group works everywhere and for a server too; the rule is for a machine without such a group.
    if (command !== null) return { problem: 'not_in_group', group, command }
    const hasUdev = await isProgramThere('udevadm', env)
    return hasUdev
      ? {
          problem: 'no_rule',
          group: null,
          command: udevRuleCommand(join(system.etc, 'udev/rules.d/60-millwright.rules')),
        }
      : { problem: 'no_udevadm', group: null, command: null }
  }
  const [vendorId] = await listPortlessDevices(system, new Set(adapterMakers.map((maker) => maker.vendorId)))
  const maker = adapterMaker(vendorId ?? null)
  if (maker === undefined) return null
  // The screen reader for Braille displays claims these adapters, whoever they belong to.
  const isTaken = maker.adapter !== 'native' && (await isProgramThere('brltty', env))
  const command = isTaken ? 'sudo systemctl mask --now brltty-udev brltty' : `sudo modprobe ${maker.module}`
  return { problem: 'no_driver', group: null, command }
}

async function isProgramThere(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(
    (each) => each !== '',
  )
  for (const folder of new Set(folders)) {
    const isThere = await access(join(folder, name)).then(
      () => true,
      () => false,
    )
    if (isThere) return true
  }
  return false
}
