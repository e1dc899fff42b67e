import type { BoardFaults, BoardState, SimulatedBoardOptions } from '../board-options.ts'
import type { FlashArray } from '../flash-array.ts'

/** What runs from flash sees of its board. */
export interface FlashHost {
  readonly board: SimulatedBoardOptions
  readonly flash: FlashArray
  /** As they are now. */
  faults(): BoardFaults
  /** Reset, or power off. */
  readonly signal: AbortSignal
  print(text: string): void
  send(bytes: Uint8Array): void
  /** Bytes that come over the serial line from now on. */
  listen(listener: (bytes: Uint8Array) => void): void
  tell(gateway: BoardState['gateway']): void
  restart(why: 'brownOut' | 'watchdog' | 'software'): void
}
