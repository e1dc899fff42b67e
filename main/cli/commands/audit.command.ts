import { type Command, Option } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { addEntryOptions } from '../audit/audit-flags.ts'
import { type ExportFlags, exportAudit } from '../audit/export-audit.ts'
import { type ListFlags, listAudit } from '../audit/list-audit.ts'
import { type VerifyFlags, verifyAudit } from '../audit/verify-audit.ts'
import { type CommandContext, chooseSite } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

/** `millwright audit …` */
export function addAuditCommands(program: Command, context: CommandContext): void {
  const group = program.command('audit').summary('who did what, and the proof that nobody changed it')

  addSiteOptions(group.command('verify'))
    .summary('prove that no entry was changed, added or taken away')
    .description(
      'Reads the whole audit of the data folder and proves each entry and its place. Works beside a running site and changes nothing. Exit code 1: something was changed from outside; it says what.',
    )
    .addOption(
      new Option('--passphrase-file <file>', 'opens the site key, - for standard input').env(
        'MILLWRIGHT_PASSPHRASE_FILE',
      ),
    )
    .addOption(
      new Option('--recovery-code-file <file>', 'opens the site key when nothing else does').env(
        'MILLWRIGHT_RECOVERY_CODE_FILE',
      ),
    )
    .action((flags: VerifyFlags, command: Command) => verifyAudit(context, chooseSite(command), flags))

  addEntryOptions(addSiteOptions(group.command('list')), context)
    .summary('entries, newest first')
    .option('--limit <count>', 'at the most', wholeNumber(1, 100_000), 100)
    .action((flags: ListFlags, command: Command) =>
      context.withSite(command, (site) => listAudit(context, site, flags)),
    )

  addEntryOptions(addSiteOptions(group.command('export')), context)
    .summary('entries as a CSV file or JSON lines, oldest first')
    .addOption(new Option('--format <format>', 'kind of file').choices(['csv', 'jsonl']).default('csv'))
    .option('-o, --out <file>', 'write here; standard output where left out')
    .option('--force', 'replace the file if it is there')
    .option('--raw', 'leave text as it is: no apostrophe before what a spreadsheet would run')
    .action((flags: ExportFlags, command: Command) =>
      context.withSite(command, (site) => exportAudit(context, site, flags)),
    )
}
