import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FoundPort } from './found-port.ts'
import type { SystemPaths } from './system-paths.ts'

/**
 * Names that drivers of USB serial ports give. Ports of the mainboard (`ttyS0`, `ttyAMA0`) are left out: a console, a
 * controller or an uninterruptible supply is on them, and a bench that begins by itself must not pull their lines.
 */
const portNames = /^tty(USB|ACM|XRUSB|WCHUSB)\d+$/

/**
 * The ports of a Linux machine, from sysfs: what `udevadm` would tell, without starting a program each second and
 * also where that program is missing. A port that only `/dev` knows (a container) is listed by its name alone.
 */
export async function listLinuxPorts(system: SystemPaths): Promise<FoundPort[]> {
  const known = await namesIn(join(system.sys, 'class/tty'))
  const there = new Set(await namesIn(system.dev))
  const names = [...new Set([...known, ...[...there].filter((name) => portNames.test(name))])]
  return Promise.all(
    names
      .filter((name) => portNames.test(name) && there.has(name))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) => readPort(system, name)),
  )
}

async function readPort(system: SystemPaths, name: string): Promise<FoundPort> {
  const tty = join(system.sys, 'class/tty', name)
  const path = join(system.dev, name)
  const usb = await usbDeviceOf(tty, system)
  const textAt = async (file: string): Promise<string | null> =>
    usb === undefined ? null : await textOf(join(usb.folder, file))
  return {
    path,
    vendorId: await textAt('idVendor'),
    productId: await textAt('idProduct'),
    serialNumber: await textAt('serial'),
    manufacturer: await textAt('manufacturer'),
    location: usb?.interface ?? null,
  }
}

/** The USB device above a tty, and the interface between: `1-1.2` and `1-1.2:1.0`. Kernel, usb/usb-sysfs naming. */
async function usbDeviceOf(
  tty: string,
  system: SystemPaths,
): Promise<{ folder: string; interface: string } | undefined> {
  let folder = await realpath(join(tty, 'device')).catch(() => undefined)
  let usbInterface = ''
  const top = await realpath(system.sys).catch(() => system.sys)
  while (folder !== undefined && folder.startsWith(`${top}/`)) {
    const name = folder.slice(dirname(folder).length + 1)
    if (/^\d+-[\d.]+:\d+\.\d+$/.test(name)) usbInterface = name
    if ((await textOf(join(folder, 'idVendor'))) !== null) return { folder, interface: usbInterface || name }
    folder = dirname(folder)
  }
  return undefined
}

/** USB devices of `vendors` that have no tty: their driver is missing, or another program took them. */
export async function listPortlessDevices(
  system: SystemPaths,
  vendors: ReadonlySet<string>,
): Promise<string[]> {
  const devices = join(system.sys, 'bus/usb/devices')
  const names = await namesIn(devices)
  const found: string[] = []
  for (const name of names.filter((each) => /^\d+-[\d.]+$/.test(each))) {
    const vendorId = await textOf(join(devices, name, 'idVendor'))
    if (vendorId === null || !vendors.has(vendorId)) continue
    const interfaces = names.filter((each) => each.startsWith(`${name}:`))
    const ttys = await Promise.all(interfaces.map((each) => hasTty(join(devices, each))))
    if (!ttys.includes(true)) found.push(vendorId)
  }
  return found
}

async function hasTty(usbInterface: string): Promise<boolean> {
  return (await namesIn(usbInterface)).some((name) => name === 'tty' || name.startsWith('tty'))
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

async function textOf(file: string): Promise<string | null> {
  try {
    return (await stat(file)).isFile() ? (await readFile(file, 'utf8')).trim() : null
  } catch {
    return null
  }
}
