import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What tests run for real; `commands` are names it may have, `package` is Debian's. */
interface SystemTool {
  readonly commands: readonly string[]
  /** A module of the system's Python, where that is wanted. */
  readonly python?: string
  readonly package: string
  readonly for: string
  /** Only there on Linux: tests that need it are for Linux. */
  readonly linuxOnly?: true
}

export const systemTools: readonly SystemTool[] = [
  { commands: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium', for: 'the screens' },
  { commands: ['mosquitto'], package: 'mosquitto', for: 'the peer of the benchmarks' },
  { commands: ['mosquitto_pub'], package: 'mosquitto-clients', for: 'gateways of other makers' },
  { commands: ['openssl'], package: 'openssl', for: 'certificates as others see them' },
  { commands: ['prometheus'], package: 'prometheus', for: 'remote read' },
  {
    commands: ['python3'],
    python: 'cryptography.x509',
    package: 'python3-cryptography',
    for: 'the client in docs/clients/python',
  },
  {
    commands: ['python3'],
    python: 'paho.mqtt.client',
    package: 'python3-paho-mqtt',
    for: 'the client in docs/clients/python',
  },
  { commands: ['socat'], package: 'socat', for: 'the ports of simulated boards', linuxOnly: true },
  { commands: ['sqlite3'], package: 'sqlite3', for: 'exports as others read them' },
  { commands: ['strace'], package: 'strace', for: 'the order of fsync and PUBACK', linuxOnly: true },
]

/** Folders where Debian keeps daemons, which are not on every user's PATH. */
const daemonFolders = ['/usr/sbin', '/usr/local/sbin']

export function missingTools(): SystemTool[] {
  return systemTools.filter(
    (tool) => !(tool.linuxOnly === true && process.platform !== 'linux') && !isThere(tool),
  )
}

function isThere({ commands, python }: SystemTool): boolean {
  if (python === undefined) return commands.some(isInstalled)
  // Debian's own: another Python on the PATH has modules of its own.
  return spawnSync('/usr/bin/python3', ['-c', `import ${python}`], { stdio: 'ignore' }).status === 0
}

/**
 * Installs what is missing where that needs no question: on Debian and its kin, as root or with a sudo that asks
 * for no password. Elsewhere says what to install.
 * @returns the tools that are still missing
 */
export function installMissingTools(): SystemTool[] {
  const missing = missingTools()
  if (missing.length === 0) return []
  const packages = missing.map((tool) => tool.package)
  const prefix = rootPrefix()
  if (!isInstalled('apt-get') || prefix === null) {
    for (const tool of missing)
      console.error(
        `Missing: ${tool.python ?? tool.commands[0]} (Debian package ${tool.package}), for ${tool.for}`,
      )
    return missing
  }
  console.log(`Installing with apt-get: ${packages.join(' ')}`)
  const env = ['env', 'DEBIAN_FRONTEND=noninteractive']
  apt([...prefix, ...env, 'apt-get', '-qq', 'update'])
  apt([...prefix, ...env, 'apt-get', '-qq', 'install', '-y', '--no-install-recommends', ...packages])
  return missingTools()
}

function apt([command = '', ...args]: string[]): void {
  // apt's own words go to stderr: it says why when it fails, and the tools are looked for again after.
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** What goes before a command to run it as root without a question; null where there is no way. */
function rootPrefix(): string[] | null {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null
}

function isInstalled(command: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...daemonFolders]
  const names = process.platform === 'win32' ? [`${command}.exe`, `${command}.cmd`] : [command]
  return folders.some((folder) => names.some((name) => isExecutable(join(folder, name))))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
