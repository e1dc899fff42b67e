import type { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { type MonitorFlags, monitorBoard } from '../bench/monitor-board.ts'
import type { CommandContext } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

/** `millwright monitor` */
export function addMonitorCommand(program: Command, context: CommandContext): void {
  addSiteOptions(program.command('monitor'))
    .summary('what a board says over its serial line, with time and meaning')
    .description(
      'Until Ctrl-C. Lines of standard input are sent to the board. With --json each line is one JSON value.',
    )
    .requiredOption('-p, --port <port>', 'path or name of a port: millwright ports')
    .option('--baud <baud>', '115200 where left out', wholeNumber(300, 3_000_000))
    .option('--reset', 'restart the board first, to see it boot')
    .option('--filter <text>', 'only lines that hold this, or mean it: reset, panic, brownout')
    .option('--crlf', 'end what is sent with carriage return and line feed')
    .action((flags: MonitorFlags, command: Command) =>
      context.withSite(command, (site) => monitorBoard(context, site, flags)),
    )
}
