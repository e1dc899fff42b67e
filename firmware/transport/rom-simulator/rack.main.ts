import type { SimulatedBoardOptions } from './board-options.ts'
import { BoardRack } from './board-rack.ts'

/**
 * Simulated boards in a process of their own, as USB boards are: started by tests with an IPC channel, whose end
 * (also the death of the parent) ends it.
 *
 *     parent -> { folder, boards: SimulatedBoardOptions[], isPlugged }
 *     child  -> { ready: true } | { failed: string }
 */
interface Wish {
  folder: string
  boards: SimulatedBoardOptions[]
  isPlugged: boolean
}

process.once('message', (wish: Wish) => {
  const rack = new BoardRack(wish.folder)
  const stop = (): void => {
    void rack.stop().finally(() => process.exit(0))
  }
  process.once('disconnect', stop)
  process.once('SIGTERM', stop)
  void start(rack, wish)
})

async function start(rack: BoardRack, { boards, isPlugged }: Wish): Promise<void> {
  try {
    await Promise.all(boards.map((board) => rack.add(board, isPlugged)))
    process.send?.({ ready: true })
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? error.message : String(error) })
  }
}
