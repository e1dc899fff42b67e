import net from 'node:net'
import { ExpectedError } from '#contract/errors.ts'
import { classOfAddress } from '#platform/outbound/address-class.ts'
import { type ResolvedAddress, type ResolveHost, systemResolver } from '#platform/outbound/pinned-address.ts'
import { causeOf } from './cloud-failure.ts'

/** Of what a name leads to, this many are tried. */
const MOST_ADDRESSES = 4
/** A socket that nothing came over for so long is asked by the kernel whether its other end lives, ms. */
const KEEPALIVE = 15_000

export interface PinnedSocketOptions {
  host: string
  port: number
  insideNetwork: boolean
  signal: AbortSignal
  /** For one address, ms. */
  timeout: number
  resolve?: ResolveHost | undefined
}

/**
 * TCP to a host of the cloud, at an address that was looked at: whoever answers for the name cannot lead it into
 * the plant's own network later (DNS rebinding). One address that is out of bounds refuses the whole name.
 * @throws ExpectedError `cloud_host_unknown`, `cloud_address_refused`, `cloud_inside_network`, `cloud_unreachable`
 */
export async function openPinnedSocket(options: PinnedSocketOptions): Promise<net.Socket> {
  const addresses = await checkedAddresses(options)
  let last: unknown
  for (const address of addresses.slice(0, MOST_ADDRESSES)) {
    try {
      return await connectTo(address, options)
    } catch (error) {
      options.signal.throwIfAborted()
      last = error
    }
  }
  const { host, port } = options
  throw new ExpectedError('cloud_unreachable', { host, port, cause: causeOf(last) }, { cause: last })
}

async function checkedAddresses(options: PinnedSocketOptions): Promise<ResolvedAddress[]> {
  const { host, insideNetwork } = options
  const addresses = await addressesOf(options)
  if (addresses.length === 0) throw new ExpectedError('cloud_host_unknown', { host })
  for (const { address } of addresses) {
    const where = classOfAddress(address)
    if (where === 'never') throw new ExpectedError('cloud_address_refused', { host, address })
    if (where === 'inside' && !insideNetwork)
      throw new ExpectedError('cloud_inside_network', { host, address })
  }
  return addresses
}

async function addressesOf({
  host,
  resolve,
  signal,
  timeout,
}: PinnedSocketOptions): Promise<ResolvedAddress[]> {
  const family = net.isIP(host)
  if (family !== 0) return [{ address: host, family: family === 6 ? 6 : 4 }]
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
  try {
    // A name server that says nothing must not be waited for.
    return await Promise.race([(resolve ?? systemResolver)(host), aborted(deadline)])
  } catch (error) {
    signal.throwIfAborted()
    throw new ExpectedError('cloud_host_unknown', { host }, { cause: error })
  }
}

function connectTo(
  { address, family }: ResolvedAddress,
  { port, signal, timeout }: PinnedSocketOptions,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({
      host: address,
      port,
      family,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE,
    })
    socket.setNoDelay(true)
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    const giveUp = () => socket.destroy(timedOut())
    const settle = () => {
      deadline.removeEventListener('abort', giveUp)
      socket.off('error', failed)
      socket.off('connect', connected)
    }
    const failed = (error: Error) => {
      settle()
      reject(error)
    }
    const connected = () => {
      settle()
      resolve(socket)
    }
    socket.on('error', failed)
    socket.on('connect', connected)
    deadline.addEventListener('abort', giveUp)
    if (deadline.aborted) giveUp()
  })
}

function timedOut(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    if (signal.aborted) reject(signal.reason as Error)
  })
}
