import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { type ImportGatewaysFlags, importGateways } from '../gateways/import-gateways.ts'
import { addSiteOptions } from '../site-options.ts'

/** `millwright gateways import` */
export function addGatewaysImportCommand(group: Command, context: CommandContext): void {
  addSiteOptions(group.command('import').argument('<file>', 'CSV: mac_address,code,name[,group,profile]'))
    .summary('create the gateways of a CSV file')
    .description(
      'Creates a gateway for each line that can be one. Gateways that are there already stay as they are. With --out the ZIPs with the private keys are written, and the site erases its copies.',
    )
    .option('--dry-run', 'only look: say what would become of each line; exit code 1 where one has a problem')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--group <group>', 'for lines that name none: id, or path "Plant 1/Line 2"')
    .option('--profile <name>', 'for lines that name none: id or name of a gateway profile')
    .option(
      '--create-groups',
      'make groups that lines name and that are not there yet (needs the right tenants:write)',
    )
    .option('--out <folder>', 'write the ZIPs, labels.pdf and report.csv here')
    .option('--force', 'replace files that are there')
    .option('--no-wait', 'do not wait for the end of the job')
    .action((file: string, flags: ImportGatewaysFlags, command: Command) =>
      context.withSite(command, (site) => importGateways(context, site, file, flags)),
    )
}
