import { type Command, Option } from 'commander'
import {
  type LabelContent,
  type LabelFormat,
  type LabelSizeName,
  labelContents,
  labelFormats,
  labelResolutions,
  labelSizeNames,
} from '#contract/model/label.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { openOutputFile } from '../files/output-file.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

interface LabelFlags extends SiteFlags {
  all?: boolean
  tenant?: string
  group?: string
  state?: string
  search?: string
  size?: LabelSizeName
  format?: LabelFormat
  qr?: LabelContent
  copies?: number
  start?: number
  resolution?: string
  out: string
  force?: boolean
}

/** `millwright gateways labels`: a file of labels, of those that are named or match. */
export function addGatewaysLabelsCommand(group: Command, context: CommandContext): void {
  addTenantOption(
    addSiteOptions(
      group.command('labels').argument('[gateways...]', 'codes or ids, in the order of printing'),
    ),
  )
    .summary('labels with QR code and text, for sheets and label printers')
    .option('--all', 'of all gateways, in place of names')
    .option('--group <group>', 'of those in this group and below it: id, or path "Plant 1/Line 2"')
    .option('--state <state>', 'of claimed, active, suspended or revoked ones')
    .option('--search <text>', 'of those where code, name, label or MAC holds this')
    .addOption(new Option('--size <size>', 'a4-24 where left out').choices(labelSizeNames))
    .addOption(new Option('--format <format>', 'pdf where left out; zpl for rolls').choices(labelFormats))
    .addOption(
      new Option('--qr <content>', 'what the QR code holds; label where left out').choices(labelContents),
    )
    .option('--copies <count>', 'of each gateway', wholeNumber(1, 100))
    .option('--start <place>', 'first free label of a sheet that was begun', wholeNumber(1, 200))
    .addOption(
      new Option('--resolution <dots>', 'of a label printer, dots an inch; 203 where left out').choices(
        labelResolutions.map(String),
      ),
    )
    .requiredOption('-o, --out <file>', 'write here')
    .option('--force', 'replace the file if it is there')
    .action((gateways: string[], flags: LabelFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { all, tenant, group, state, search, size, format, qr, copies, start } = flags
        const isFiltered = group !== undefined || state !== undefined || search !== undefined
        if (gateways.length > 0 ? isFiltered || all === true : !isFiltered && all !== true)
          throw new CliError('usage', 'Give codes of gateways, or --group, --state, --search, or --all')
        const file = await openOutputFile(flags.out, { overwrite: flags.force ?? false })
        try {
          const made = await client.labels.make({
            ...(gateways.length > 0 && { gateways }),
            ...given({ tenant, group, state: state as 'active' | undefined, search }),
            ...given({ size, format, qr, copies, start }),
            ...given({ resolution: labelResolutions.find((dots) => String(dots) === flags.resolution) }),
          })
          const bytes = new Uint8Array(await made.arrayBuffer())
          await file.write(bytes)
          await file.commit()
          if (flags.json) context.output.json({ file: file.path, bytes: bytes.byteLength })
          else context.output.line(`Wrote ${file.path}`)
        } finally {
          await file.discard()
        }
      }),
    )
}
