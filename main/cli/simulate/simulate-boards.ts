import { resolve } from 'node:path'
import { type BoardState, boardNumber } from '#firmware/transport/rom-simulator/board-options.ts'
import { BoardRack } from '#firmware/transport/rom-simulator/board-rack.ts'
import { SocatMissing } from '#firmware/transport/rom-simulator/line/pty.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { type BoardsFlags, boardFaults } from './board-faults.ts'

/** Every so many boards have the fault that was asked for. */
const FAULTY = 4

/** Plugs the boards in, says what becomes of them, and pulls them out at Ctrl-C. */
export async function simulateBoards(
  { output, interrupt }: Pick<CommandContext, 'output' | 'interrupt'>,
  flags: BoardsFlags,
): Promise<void> {
  const folder = resolve(flags.folder)
  const said = new Map<string, string>()
  const rack = new BoardRack(folder, (state) => {
    const words = wordsOf(state)
    if (said.get(state.name) === words) return
    said.set(state.name, words)
    output.note(`${state.name} ${words}`)
  })
  try {
    for (let index = 0; index < flags.count; index += 1) {
      const chip = flags.chip[index % flags.chip.length] ?? 'ESP32'
      const { options, state } = await rack.add(
        boardNumber(index, {
          chip,
          flashSize: flags.flash,
          usb: flags.native === true && chip !== 'ESP32' ? 'native' : 'bridge',
          improv: flags.improv === true,
          faults:
            flags.faults !== undefined && index % FAULTY === FAULTY - 1 ? boardFaults[flags.faults] : {},
        }),
      )
      output.line(`${state.path}  ${options.chip}  ${options.mac}`)
    }
    output.note(`MILLWRIGHT_SIMULATED_PORTS=${folder}; Ctrl-C ends`)
    await new Promise<void>((done) => {
      // The boards hold the process; the signal ends it.
      if (interrupt.aborted) done()
      else interrupt.addEventListener('abort', () => done(), { once: true })
    })
  } catch (error) {
    // Nothing is broken: this machine lacks a program.
    throw error instanceof SocatMissing ? new CliError('usage', error.message) : error
  } finally {
    await rack.stop()
  }
}

/** What of a state is told: how it runs, not each reading. */
function wordsOf({ mode, gateway }: BoardState): string {
  if (mode === 'rom') return 'download mode'
  if (mode === 'stub') return 'takes firmware'
  if (mode === 'boot') return 'starts'
  if (mode !== 'app') return mode
  if (gateway === null) return 'runs'
  const trouble = gateway.error === null ? '' : ` (${gateway.error})`
  return `runs: wifi ${gateway.wifi}, broker ${gateway.broker}${trouble}`
}
