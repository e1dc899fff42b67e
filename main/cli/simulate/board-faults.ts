import type { BoardFaults, SimulatedChip } from '#firmware/transport/rom-simulator/board-options.ts'

/** By the names that `--faults` takes. */
export const boardFaults = {
  unplug: { unplugAt: 40_000 },
  'wrong-md5': { wrongMd5: 'once' },
  deaf: { deafTries: 2 },
  'brown-out': { brownOut: true },
  'no-wifi': { neverConnects: 'wifi' },
  'no-broker': { neverConnects: 'broker' },
} as const satisfies Record<string, BoardFaults>
export type BoardFault = keyof typeof boardFaults

export interface BoardsFlags {
  count: number
  folder: string
  chip: SimulatedChip[]
  /** Bytes. */
  flash: number
  native?: boolean
  improv?: boolean
  faults?: BoardFault
}
