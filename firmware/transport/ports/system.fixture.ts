import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SystemPaths } from './system-paths.ts'

/** A machine of files: what a Linux kernel shows of its devices and programs. */
export interface MachineFixture {
  readonly system: SystemPaths
  file(path: string, text?: string): Promise<void>
  /** A USB device with one serial port; `name` as `ttyUSB0`, `socket` as `1-1.2`. */
  usbPort(name: string, socket: string, device: Readonly<Record<string, string>>): Promise<void>
  /** A program that has files open. */
  program(pid: number, name: string, openFiles: readonly string[]): Promise<void>
  remove(): Promise<void>
}

export async function machineFixture(): Promise<MachineFixture> {
  const root = await mkdtemp(join(tmpdir(), 'mw-machine-'))
  const at = (path: string): string => join(root, path)
  const file = async (path: string, text = ''): Promise<void> => {
    await mkdir(dirname(at(path)), { recursive: true })
    await writeFile(at(path), text)
  }
  const link = async (target: string, path: string): Promise<void> => {
    await mkdir(dirname(at(path)), { recursive: true })
    await symlink(target, at(path))
  }
  for (const folder of [
    'sys/class/tty',
    'sys/bus/usb/devices',
    'dev',
    'proc',
    'etc/udev/rules.d',
    'var/lock',
  ]) {
    await mkdir(at(folder), { recursive: true })
  }
  return {
    system: { sys: at('sys'), dev: at('dev'), proc: at('proc'), etc: at('etc'), locks: at('var/lock') },
    file,
    async usbPort(name, socket, device) {
      const usb = `sys/devices/pci0000:00/usb1/${socket}`
      for (const [key, value] of Object.entries(device)) await file(`${usb}/${key}`, `${value}\n`)
      // A ttyUSB has a folder of its own below the interface, a ttyACM has not.
      const below = name.startsWith('ttyUSB') ? `${socket}:1.0/${name}` : `${socket}:1.0`
      await mkdir(at(`${usb}/${below}/tty/${name}`), { recursive: true })
      await link(at(`${usb}/${below}`), `${usb}/${below}/tty/${name}/device`)
      await link(at(`${usb}/${below}/tty/${name}`), `sys/class/tty/${name}`)
      await link(at(usb), `sys/bus/usb/devices/${socket}`)
      await link(at(`${usb}/${socket}:1.0`), `sys/bus/usb/devices/${socket}:1.0`)
      await file(`dev/${name}`)
    },
    async program(pid, name, openFiles) {
      await file(`proc/${pid}/comm`, `${name}\n`)
      for (const [index, path] of openFiles.entries()) await link(path, `proc/${pid}/fd/${index}`)
    },
    remove: () => rm(root, { recursive: true }),
  }
}
