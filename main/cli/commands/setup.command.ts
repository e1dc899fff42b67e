import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { defaultDataDir } from '#site/data-dir.ts'
import { given, portNumber } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import { readSecretFile } from '../files/secret-file.ts'
import { addJsonOption, dataOption } from '../site-options.ts'

interface SetupFlags {
  data?: string
  site: string
  admin: string
  adminName?: string
  passwordFile: string
  address?: string[]
  name?: string[]
  https?: number
  deviceHttps?: number
  mqtts?: number
  http?: number
  json?: boolean
}

/** `millwright setup`: the first run, unattended. */
export function addSetupCommand(program: Command, context: CommandContext): void {
  addJsonOption(program.command('setup').addOption(dataOption()))
    .summary('set a site up without a browser')
    .description(
      'Sets a site up: its store, CAs, certificates and administrator. Start it then with "millwright serve".',
    )
    .requiredOption('--site <name>', 'name of the site: "Plant 1"', siteName)
    .requiredOption('--admin <email>', "the administrator's e-mail")
    .option('--admin-name <name>', "the administrator's name")
    .requiredOption('--password-file <file>', "file with the administrator's password, - for standard input")
    .option('--address <address...>', 'addresses to serve; 127.0.0.1 where left out')
    .option('--name <name...>', 'host names to serve, beside those of this machine')
    .option('--https <port>', 'UI and API', portNumber)
    .option('--device-https <port>', 'HTTPS for devices', portNumber)
    .option('--mqtts <port>', 'MQTT with client certificates', portNumber)
    .option('--http <port>', 'UI and API on this machine only', portNumber)
    .action(async (flags: SetupFlags) => {
      const password = await readSecretFile(flags.passwordFile, 'password')
      const dataDir = resolve(flags.data ?? defaultDataDir())
      const result = await setUp(dataDir, flags, password)
      report(context, dataDir, flags, result)
    })
}

function siteName(text: string): string {
  const name = text.trim()
  if (name.length < 1 || name.length > 100) throw new InvalidArgumentError('write 1 to 100 characters.')
  return name
}

async function setUp(dataDir: string, flags: SetupFlags, password: string) {
  // The engine is large: loaded only by the commands that run one.
  const [{ createEngine }, { pino }] = await Promise.all([import('#engine/create-engine.ts'), import('pino')])
  const engine = createEngine({ dataDir, host: 'site', listen: false, log: pino({ level: 'silent' }) })
  await engine.start()
  try {
    return await engine.setup({
      siteName: flags.site,
      admin: { email: flags.admin, password, ...given({ name: flags.adminName }) },
      addresses: flags.address ?? ['127.0.0.1'],
      names: flags.name ?? [],
      ports: given({
        https: flags.https,
        deviceHttps: flags.deviceHttps,
        mqtts: flags.mqtts,
        http: flags.http,
      }),
    })
  } finally {
    await engine.stop()
  }
}

function report(
  { output }: CommandContext,
  dataDir: string,
  flags: SetupFlags,
  result: Awaited<ReturnType<typeof setUp>>,
): void {
  if (flags.json) {
    output.json({ ...result, dataDir })
    return
  }
  output.facts([
    ['site', result.siteName],
    ['data folder', dataDir],
    ['CA of gateways, SHA-256', result.caFingerprint],
    ['CA of browsers, SHA-256', result.webCaFingerprint],
    ['recovery code', result.recoveryCode],
  ])
  output.note('Write the recovery code down and keep it apart from this machine: it is shown this once.')
  if (flags.address === undefined) {
    output.note(
      'It serves this machine only: give --address, or change it in the settings, for gateways to reach it.',
    )
  }
  output.note(`Start it: millwright serve --data ${dataDir}`)
}
