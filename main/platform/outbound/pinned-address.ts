import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ExpectedError } from '#contract/errors.ts'
import { classOfAddress } from './address-class.ts'
import type { Destination } from './destination.ts'

export interface ResolvedAddress {
  address: string
  family: 4 | 6
}

/** All addresses of a host name. */
export type ResolveHost = (hostname: string) => Promise<ResolvedAddress[]>

export const systemResolver: ResolveHost = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }))

/**
 * The addresses that a destination may be called at, resolved once: whoever connects uses these and asks no name
 * server again, so that a name cannot change its address in between (DNS rebinding). One address that is out of
 * bounds refuses the whole name.
 * @throws ExpectedError `outbound_inside_network`, `outbound_address_refused`, and whatever `resolve` fails with
 */
export async function pinnedAddresses(
  { origin, insideNetwork }: Destination,
  resolve: ResolveHost,
): Promise<ResolvedAddress[]> {
  const { hostname } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  const addresses =
    family === 0
      ? await resolve(host)
      : [{ address: host, family: family === 6 ? (6 as const) : (4 as const) }]
  for (const { address } of addresses) {
    const where = classOfAddress(address)
    if (where === 'never') throw new ExpectedError('outbound_address_refused', { host, address })
    if (where === 'inside' && !insideNetwork)
      throw new ExpectedError('outbound_inside_network', { host, address })
  }
  if (addresses.length === 0)
    throw new ExpectedError('outbound_failed', { host, cause: 'the name has no address' })
  return addresses
}
