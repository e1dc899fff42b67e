import { reachableAddresses, reachableNames } from '#features/site/index.ts'

/** Everything that the site is reached by: what its certificates carry. */
export function namesOf(network: Parameters<typeof reachableNames>[0]): string[] {
  return [...reachableNames(network), ...reachableAddresses(network)]
}

export function urls(addresses: string[], port: number): string[] {
  return addresses.map((address) => `https://${address.includes(':') ? `[${address}]` : address}:${port}`)
}
