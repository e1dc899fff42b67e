import { type Command, InvalidArgumentError } from 'commander'
import type { CommandContext } from '../command-context.ts'
import type { BuildFlags } from '../nvs/build-image.ts'
import type { ReadFlags } from '../nvs/read-image.ts'
import { addJsonOption } from '../site-options.ts'

/** `millwright nvs …`: settings images of ESP32 boards, without a site. */
export function addNvsCommands(program: Command, context: CommandContext): void {
  const group = program.command('nvs').summary('read and build the settings images of ESP32 boards')

  addJsonOption(group.command('read').argument('<image>', 'NVS partition, - for standard input'))
    .summary('print what an NVS partition holds')
    .description(
      'Prints namespaces, keys and values. The table hides secrets, --json prints all. Anything that is not exactly right is refused, unless with --lenient.',
    )
    .option('--key-file <file>', 'of an encrypted partition: 64 bytes of keys and their checksum')
    .option('--lenient', 'of a board that was in use: read what can be read, say what was left out')
    .action(async (image: string, flags: ReadFlags) => {
      const { readImage } = await import('../nvs/read-image.ts')
      await readImage(context.output, image, flags)
    })

  addJsonOption(group.command('build').argument('<csv>', 'key,type,encoding,value'))
    .summary('make an NVS partition of a CSV file')
    .description("Takes the CSV form of Espressif's generator. Paths in it are relative to the CSV file.")
    .requiredOption('--size <bytes>', 'of the partition: 0x6000, or 24576', byteCount)
    .requiredOption('--out <image>', 'file to write, readable by you alone')
    .option('--key-file <file>', 'encrypt with these keys')
    .option('--force', 'replace the file where it is there')
    .action(async (csv: string, flags: BuildFlags) => {
      const { buildImage } = await import('../nvs/build-image.ts')
      await buildImage(context.output, csv, flags)
    })
}

function byteCount(text: string): number {
  if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text))
    throw new InvalidArgumentError('write bytes, such as 0x6000 or 24576.')
  return Number(text)
}
