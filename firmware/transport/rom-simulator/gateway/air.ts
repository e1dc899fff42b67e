import type { BoardFaults } from '../board-options.ts'
import type { Wifi } from './gateway-settings.ts'

export type JoinFailure = 'not-found' | 'wrong-password' | 'no-address'

/**
 * Whether a network lets a board in. Every network is there, but for those whose name says otherwise: `no-address…` gives no
 * address, `no-…` is out of reach; `bad-psk` as password, or at the beginning of the name, is a wrong password.
 */
export function joinFailure({ ssid, psk }: Wifi, faults: BoardFaults): JoinFailure | null {
  if (faults.neverConnects === 'wifi') return 'not-found'
  if (ssid.startsWith('no-address')) return 'no-address'
  if (ssid.startsWith('no-')) return 'not-found'
  if (ssid.startsWith('bad-psk') || psk === 'bad-psk') return 'wrong-password'
  return null
}

/** The address that a network gives a board, made of its MAC. */
export function addressOf(mac: string): string {
  const [fourth = 0, fifth = 0] = mac
    .split(':')
    .slice(-2)
    .map((pair) => Number.parseInt(pair, 16))
  return `10.77.${fourth}.${fifth}`
}
