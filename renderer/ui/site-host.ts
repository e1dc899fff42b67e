/** Where people reach the site: a name or address of the network, loopback only where there is nothing else. */
export function siteHost(network: { addresses: readonly string[]; names: readonly string[] }): string {
  const reachable = network.addresses.find((address) => !/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(address))
  return (
    reachable ?? network.names.find((name) => name !== 'localhost') ?? network.addresses[0] ?? 'localhost'
  )
}
