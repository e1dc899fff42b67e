import type { Cell } from '../table.ts'
import type { Port } from './bench-types.ts'

export const portHeader = ['PORT', 'BOARD', 'ADAPTER', 'SERIAL', 'STATE']

export function portRow(port: Port): Cell[] {
  return [
    port.path,
    `${port.guess ?? '-'}${port.isSimulated ? ' (simulated)' : ''}`,
    port.vendorId === null ? '-' : `${port.adapter} ${port.vendorId}:${port.productId ?? ''}`,
    port.serialNumber ?? '-',
    stateOf(port),
  ]
}

function stateOf({ access, isTaken, isSkipped }: Port): string {
  if (isTaken) return 'in use by the bench'
  switch (access.state) {
    case 'free':
      return isSkipped ? 'skipped' : 'free'
    case 'busy':
      return `in use by ${access.program ?? 'another program'}${access.pid === null ? '' : ` (${access.pid})`}`
    case 'denied':
      return access.group === null ? 'no permission' : `no permission: not in the group ${access.group}`
  }
}
