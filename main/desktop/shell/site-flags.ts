import { type SitePorts, sitePortNames } from '../protocol.ts'

/** Flag and environment variable of each port: those of `millwright serve`. */
const sources: Readonly<Record<keyof SitePorts, { flag: string; variable: string }>> = {
  https: { flag: '--https', variable: 'MILLWRIGHT_HTTPS_PORT' },
  deviceHttps: { flag: '--device-https', variable: 'MILLWRIGHT_DEVICE_HTTPS_PORT' },
  mqtts: { flag: '--mqtts', variable: 'MILLWRIGHT_MQTTS_PORT' },
  http: { flag: '--http', variable: 'MILLWRIGHT_HTTP_PORT' },
}

/** The ports that win over the site's settings for this start. What is no port number is left out. */
export function portsOf(argv: readonly string[], env: NodeJS.ProcessEnv): SitePorts {
  const ports: SitePorts = {}
  for (const name of sitePortNames) {
    const { flag, variable } = sources[name]
    const port = Number(flagValue(argv, flag) ?? (env[variable] || Number.NaN))
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) ports[name] = port
  }
  return ports
}

/** The addresses to serve for this start, or null for those of the settings. */
export function addressesOf(env: NodeJS.ProcessEnv): string[] | null {
  const addresses = (env['MILLWRIGHT_ADDRESS'] ?? '').split(',').map((address) => address.trim())
  const given = addresses.filter((address) => address !== '')
  return given.length > 0 ? given : null
}

/** The value of `--flag value` or `--flag=value`. */
export function flagValue(argv: readonly string[], flag: string): string | undefined {
  const joined = argv.find((argument) => argument.startsWith(`${flag}=`))
  if (joined !== undefined) return joined.slice(flag.length + 1)
  const at = argv.indexOf(flag)
  return at < 0 ? undefined : argv[at + 1]
}
