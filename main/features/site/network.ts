import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import type { Network } from '#contract/api/site.ts'
import { ExpectedError } from '#contract/errors.ts'

/** The ports of domain.md. */
export const defaultPorts: Network['ports'] = { http: 8442, https: 8443, deviceHttps: 8444, mqtts: 8883 }

export const defaultNetwork: Network = { addresses: ['127.0.0.1'], names: [], ports: defaultPorts }

/** This machine's addresses, for people to choose from. IPv6 link-local ones need a zone and are left out. */
export function machineAddresses(): { address: string; interface: string; kind: 'lan' | 'loopback' }[] {
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ address }) => !address.toLowerCase().startsWith('fe80:'))
      .map(({ address, internal }) => ({
        address,
        interface: name,
        kind: internal ? ('loopback' as const) : ('lan' as const),
      })),
  )
  return found.toSorted((a, b) => Number(a.kind === 'loopback') - Number(b.kind === 'loopback'))
}

export function machineName(): string {
  return hostname()
}

/**
 * Checks addresses and names as a person typed them; `0.0.0.0` and `::` mean every address of the machine.
 * @throws ExpectedError `address_invalid`
 */
export function checkNetwork(network: Network): Network {
  const addresses = [...new Set(network.addresses.map((address) => address.trim()))]
  const names = [
    ...new Set(
      network.names.map((name) => name.trim().toLowerCase().replace(/\.$/, '')).filter((name) => name !== ''),
    ),
  ]
  for (const address of addresses)
    if (isIP(address) === 0) throw new ExpectedError('address_invalid', { address })
  for (const name of names) {
    // RFC 1123 2.1 host names.
    if (
      name.length > 253 ||
      !name.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
    ) {
      throw new ExpectedError('address_invalid', { address: name })
    }
  }
  return { addresses, names, ports: network.ports }
}

/** Every address that people and gateways reach the site by: wildcards spelled out, loopback always. */
export function reachableAddresses(network: Network): string[] {
  const all = machineAddresses().map(({ address }) => address)
  const chosen = network.addresses.flatMap((address) => {
    if (address === '0.0.0.0') return all.filter((candidate) => isIP(candidate) === 4)
    return address === '::' ? all : [address]
  })
  return [...new Set([...chosen, '127.0.0.1', '::1'])]
}

/** Every name: those given, this machine's, its `.local` one, and localhost. */
export function reachableNames(network: Network): string[] {
  const machine = machineName().toLowerCase()
  const short = machine.split('.')[0] ?? machine
  const own = [machine, `${short}.local`].filter((name) => /^[a-z0-9][a-z0-9.-]*$/.test(name))
  return [...new Set([...network.names, ...own, 'localhost'])]
}
