import type { Network } from '#contract/api/site.ts'

/** The network as it stands in the form. */
export interface NetworkForm {
  addresses: string[]
  names: string[]
  ports: Record<keyof Network['ports'], string>
}

export const portNames = ['http', 'https', 'deviceHttps', 'mqtts'] as const
export type PortName = (typeof portNames)[number]

export type NetworkProblem =
  | { field: 'addresses'; problem: 'none' }
  | { field: 'addresses' | 'names'; problem: 'invalid'; value: string }
  | { field: PortName; problem: 'range' }
  | { field: PortName; problem: 'taken'; by: PortName }

export function formOf(network: Network): NetworkForm {
  const { http, https, deviceHttps, mqtts } = network.ports
  return {
    addresses: [...network.addresses],
    names: [...network.names],
    ports: {
      http: String(http),
      https: String(https),
      deviceHttps: String(deviceHttps),
      mqtts: String(mqtts),
    },
  }
}

/** IPv4 in four decimal parts without leading zeros, which some programs read as octal. */
export function isIPv4(text: string): boolean {
  return (
    /^(\d{1,3})(\.\d{1,3}){3}$/.test(text) &&
    text.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part)
  )
}

/** RFC 4291 2.2: up to eight groups of four hex digits, one run of zeros as `::`; without a zone. */
export function isIPv6(text: string): boolean {
  if (!/^[0-9a-f:]+$/i.test(text) || text.includes(':::')) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? groups.length < 8 : groups.length === 8
}

/** RFC 1123 2.1. */
export function isHostName(text: string): boolean {
  const name = text.replace(/\.$/, '')
  return (
    name.length > 0 &&
    name.length <= 253 &&
    name.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
  )
}

/** Everything that is wrong, so that each field can say its part. */
export function problemsOf(form: NetworkForm): NetworkProblem[] {
  const problems: NetworkProblem[] = []
  if (form.addresses.length === 0) problems.push({ field: 'addresses', problem: 'none' })
  const address = form.addresses.find((text) => !isIPv4(text.trim()) && !isIPv6(text.trim()))
  if (address !== undefined) problems.push({ field: 'addresses', problem: 'invalid', value: address })
  const name = form.names.find((text) => !isHostName(text.trim()))
  if (name !== undefined) problems.push({ field: 'names', problem: 'invalid', value: name })
  for (const port of portNames) {
    if (!isPort(form.ports[port])) problems.push({ field: port, problem: 'range' })
    else {
      const by = portNames
        .slice(0, portNames.indexOf(port))
        .find((other) => Number(form.ports[other]) === Number(form.ports[port]))
      if (by !== undefined) problems.push({ field: port, problem: 'taken', by })
    }
  }
  return problems
}

function isPort(text: string): boolean {
  const port = Number(text)
  return /^\d{1,5}$/.test(text.trim()) && port >= 1 && port <= 65_535
}

export function networkOf(form: NetworkForm): Network {
  const number = (port: PortName) => Number(form.ports[port])
  return {
    addresses: form.addresses.map((address) => address.trim()),
    names: form.names.map((name) => name.trim().toLowerCase().replace(/\.$/, '')),
    ports: {
      http: number('http'),
      https: number('https'),
      deviceHttps: number('deviceHttps'),
      mqtts: number('mqtts'),
    },
  }
}

export function sameNetwork(a: Network, b: Network): boolean {
  return (
    JSON.stringify([a.addresses, a.names, portNames.map((port) => a.ports[port])]) ===
    JSON.stringify([b.addresses, b.names, portNames.map((port) => b.ports[port])])
  )
}
