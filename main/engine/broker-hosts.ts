import type { Network } from '#contract/api/site.ts'
import { reachableAddresses, reachableNames } from '#features/site/index.ts'

/** What a gateway is told to try, the address that a person chose first. */
export function brokerHosts(network: Network): string[] {
  const chosen = network.addresses.filter((address) => address !== '0.0.0.0' && address !== '::')
  const wildcards =
    chosen.length < network.addresses.length
      ? reachableAddresses(network).filter((address) => !/^(127\.|::1$)/.test(address))
      : []
  const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address)
  const others = chosen.filter((address) => !isLoopback(address))
  // No gateway but one on this machine comes by the loopback.
  const hosts = [...new Set([...others, ...wildcards, ...chosen.filter(isLoopback), ...network.names])]
  return hosts.length > 0 ? hosts : reachableNames(network)
}
