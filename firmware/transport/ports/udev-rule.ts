import { execFile } from 'node:child_process'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type SystemPaths, systemPaths } from './system-paths.ts'
import { adapterMakers } from './usb-adapters.ts'

/** Before 73-seat-late.rules, which acts on the tag `uaccess`. */
const RULE_FILE = 'udev/rules.d/60-millwright.rules'

/** A program of the machine, by its arguments. */
type RunProgram = (program: string, args: readonly string[]) => Promise<unknown>

/**
 * The rule that lets whoever sits at the machine, and the members of `group`, open the adapters of boards, and keeps
 * ModemManager from talking to them. The same text is in `resources/udev` for packages. udev(7).
 */
export function udevRuleText(group = 'dialout'): string {
  const lines = adapterMakers.flatMap(({ vendorId, guess }) => [
    `# ${guess}`,
    `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="${vendorId}", ENV{ID_MM_DEVICE_IGNORE}="1"`,
    `SUBSYSTEM=="tty", ATTRS{idVendor}=="${vendorId}", GROUP="${group}", MODE="0660", TAG+="uaccess"`,
  ])
  return ['# Millwright: USB serial adapters of boards.', ...lines, ''].join('\n')
}

/**
 * Writes the rule and makes it count at once, where this process may; where it may not, the exact command for an
 * administrator. It never asks for more rights by itself. On other systems neither.
 */
export async function installUdevRule(
  system: SystemPaths = systemPaths,
  run: RunProgram = promisify(execFile),
): Promise<{ installed: boolean; command: string | null }> {
  if (process.platform !== 'linux') return { installed: false, command: null }
  const file = join(system.etc, RULE_FILE)
  try {
    await writeRule(file, udevRuleText())
    await run('udevadm', ['control', '--reload-rules'])
    await run('udevadm', ['trigger', '--subsystem-match=tty', '--subsystem-match=usb'])
    return { installed: true, command: null }
  } catch {
    return { installed: false, command: udevRuleCommand(file) }
  }
}

/** What an administrator pastes into a shell. */
export function udevRuleCommand(file = join(systemPaths.etc, RULE_FILE)): string {
  const lines = udevRuleText()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `'${line}'`)
  return [
    `printf '%s\\n' ${lines.join(' ')} | sudo tee ${file} >/dev/null`,
    'sudo udevadm control --reload-rules',
    'sudo udevadm trigger --subsystem-match=tty --subsystem-match=usb',
  ].join(' && ')
}

/** Whole or not at all, also when the power fails. */
async function writeRule(file: string, text: string): Promise<void> {
  const next = `${file}.new`
  try {
    const handle = await open(next, 'w', 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(next, file)
  } catch (cause) {
    await rm(next, { force: true }).catch(() => undefined)
    throw cause
  }
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
