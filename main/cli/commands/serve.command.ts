import { type Command, InvalidArgumentError, Option } from 'commander'
import { given, portNumber } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import { readSecretFile } from '../files/secret-file.ts'
import { dataOption } from '../site-options.ts'

interface ServeFlags {
  data?: string
  demo?: boolean
  address?: string[]
  https?: number
  deviceHttps?: number
  mqtts?: number
  mqttsPassword?: number | 'off'
  mqttWs?: number | 'off'
  http?: number
  passphraseFile?: string
  recoveryCodeFile?: string
}

/** `millwright serve`: the site host. Flag, then environment, then the saved settings, then the default. */
export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .summary('run a site')
    .description(
      'Runs a site until Ctrl-C or SIGTERM. Prints "ready https://… mqtts://…" once it accepts connections.',
    )
    .addOption(dataOption())
    .option('--demo', 'a throw-away site with simulated gateways, gone when it stops')
    .addOption(new Option('--address <address...>', 'addresses to serve').env('MILLWRIGHT_ADDRESS'))
    .addOption(new Option('--https <port>', 'UI and API').env('MILLWRIGHT_HTTPS_PORT').argParser(portNumber))
    .addOption(
      new Option('--device-https <port>', 'HTTPS for devices')
        .env('MILLWRIGHT_DEVICE_HTTPS_PORT')
        .argParser(portNumber),
    )
    .addOption(
      new Option('--mqtts <port>', 'MQTT with client certificates')
        .env('MILLWRIGHT_MQTTS_PORT')
        .argParser(portNumber),
    )
    .addOption(
      new Option('--mqtts-password <port>', 'MQTT over TLS with passwords; "off"')
        .env('MILLWRIGHT_MQTTS_PASSWORD_PORT')
        .argParser(portOrOff),
    )
    .addOption(
      new Option('--mqtt-ws <port>', 'MQTT over WebSocket; "off"')
        .env('MILLWRIGHT_MQTT_WS_PORT')
        .argParser(portOrOff),
    )
    .addOption(
      new Option('--http <port>', 'UI and API on this machine only')
        .env('MILLWRIGHT_HTTP_PORT')
        .argParser(portNumber),
    )
    .addOption(
      new Option('--passphrase-file <file>', 'opens the site key, - for standard input').env(
        'MILLWRIGHT_PASSPHRASE_FILE',
      ),
    )
    .addOption(
      new Option(
        '--recovery-code-file <file>',
        'opens the site key when nothing else does, - for standard input',
      ).env('MILLWRIGHT_RECOVERY_CODE_FILE'),
    )
    .action(async (flags: ServeFlags) => {
      const passphrase = await secret(flags.passphraseFile, 'passphrase')
      const recoveryCode = await secret(flags.recoveryCodeFile, 'recovery code')
      const { runSite } = await import('#site/main.ts')
      context.exitCode = await runSite({
        demo: flags.demo ?? false,
        ...given({ dataDir: flags.data, addresses: addressList(flags.address), passphrase, recoveryCode }),
        ports: given({
          https: flags.https,
          deviceHttps: flags.deviceHttps,
          mqtts: flags.mqtts,
          http: flags.http,
        }),
        mqttListeners: given({ passwordMqtts: orNull(flags.mqttsPassword), websocket: orNull(flags.mqttWs) }),
      })
    })
}

/** A listener that is saved as on is turned off for this run by "off". */
function portOrOff(text: string): number | 'off' {
  if (text === 'off') return text
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('write a port, or "off".')
  return portNumber(text)
}

/** Commander itself makes nothing of a parser's null. */
function orNull(port: number | 'off' | undefined): number | null | undefined {
  return port === 'off' ? null : port
}

async function secret(file: string | undefined, what: string): Promise<string | undefined> {
  return file === undefined ? undefined : readSecretFile(file, what)
}

/** The environment variable gives one string, with commas between addresses. */
function addressList(addresses: string[] | string | undefined): string[] | undefined {
  if (addresses === undefined) return undefined
  return [addresses].flat().flatMap((entry) => entry.split(',').map((address) => address.trim()))
}
