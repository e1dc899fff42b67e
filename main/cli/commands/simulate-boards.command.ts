import { type Command, InvalidArgumentError } from 'commander'
import { type SimulatedChip, simulatedChips } from '#firmware/transport/rom-simulator/board-options.ts'
import { wholeNumber } from '../arguments.ts'
import type { CommandContext } from '../command-context.ts'
import { type BoardFault, type BoardsFlags, boardFaults } from '../simulate/board-faults.ts'

const MEGABYTE = 1 << 20

/** `millwright simulate boards`: ESP32 boards on serial ports, without hardware and without a site. */
export function addSimulateBoardsCommand(simulation: Command, context: CommandContext): void {
  simulation
    .command('boards')
    .summary('simulated ESP32 boards on serial ports')
    .description(
      'Boards that take firmware over a serial port and run it. A site that is started with MILLWRIGHT_SIMULATED_PORTS set to the folder sees them on its bench. Ends with Ctrl-C.',
    )
    .requiredOption('--folder <dir>', 'where the file of each board goes')
    .option('--count <n>', 'how many', wholeNumber(1, 64), 4)
    .option('--chip <list>', `${simulatedChips.join(', ')}, or several in turn`, chipList, ['ESP32'])
    .option('--flash <size>', '1MB, 2MB, 4MB, 8MB or 16MB', flashSize, 4 * MEGABYTE)
    .option('--native', "on the chip's own USB port (S3, C3)")
    .option('--improv', 'the simulated gateway speaks Improv Wi-Fi too')
    .option('--faults <fault>', `of every fourth board: ${Object.keys(boardFaults).join(', ')}`, faultName)
    .action(async (flags: BoardsFlags) => {
      const { simulateBoards } = await import('../simulate/simulate-boards.ts')
      await simulateBoards(context, flags)
    })
}

function chipList(text: string): SimulatedChip[] {
  return text.split(',').map((name) => {
    const found = simulatedChips.find((chip) => chip.toLowerCase() === name.trim().toLowerCase())
    if (found === undefined)
      throw new InvalidArgumentError(`write some of ${simulatedChips.join(', ')}, with commas.`)
    return found
  })
}

function flashSize(text: string): number {
  const [, count] = /^(1|2|4|8|16)MB$/i.exec(text) ?? []
  if (count === undefined) throw new InvalidArgumentError('write 1MB, 2MB, 4MB, 8MB or 16MB.')
  return Number(count) * MEGABYTE
}

function faultName(text: string): BoardFault {
  if (!Object.hasOwn(boardFaults, text))
    throw new InvalidArgumentError(`write one of ${Object.keys(boardFaults).join(', ')}.`)
  return text as BoardFault
}
