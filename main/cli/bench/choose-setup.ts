import type { RestClient } from '#client/rest-client.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { readSecretFile } from '../files/secret-file.ts'

/** Which Wi-Fi boards are told of. */
export interface WifiFlags {
  tenant?: string
  wifi?: string
  wifiPasswordFile?: string
  wifiOpen?: boolean
}

/**
 * The network of this name that the site keeps; with a password, or as an open one, it is kept from now on. Null where none
 * was asked for.
 *
 * @throws CliError `usage`
 */
export async function wifiOf(client: RestClient, flags: WifiFlags): Promise<string | null> {
  const { tenant, wifi, wifiPasswordFile, wifiOpen } = flags
  if (wifi === undefined) {
    if (wifiPasswordFile !== undefined || wifiOpen === true)
      throw new CliError('usage', 'Say which network it is: --wifi SSID')
    return null
  }
  if (wifiPasswordFile !== undefined && wifiOpen === true)
    throw new CliError(
      'usage',
      'A network with a password is not open: give one of --wifi-password-file and --wifi-open',
    )
  const of = given({ tenant })
  if (wifiPasswordFile !== undefined || wifiOpen === true) {
    const password =
      wifiPasswordFile === undefined ? '' : await readSecretFile(wifiPasswordFile, 'Wi-Fi password')
    return (await client.bench.addWifi({ ...of, ssid: wifi, password })).id
  }
  const { networks } = await client.bench.wifi(of)
  const known = networks.find(({ id, ssid }) => ssid === wifi || id === wifi)
  if (known) return known.id
  throw new CliError(
    'usage',
    `The site does not know the Wi-Fi "${wifi}": give its password with --wifi-password-file FILE, or --wifi-open`,
  )
}
