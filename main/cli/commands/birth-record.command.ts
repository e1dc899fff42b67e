import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { verifyBirthRecord } from '../bench/verify-birth-record.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

/** `millwright birth-record` */
export function addBirthRecordCommand(program: Command, context: CommandContext): void {
  const { output } = context
  addTenantOption(addSiteOptions(program.command('birth-record').argument('<gateway>', 'code or id')))
    .summary('how a gateway came to be: who, when, board, firmware, hashes, tests; signed')
    .option('--verify', 'check the signature, and say so')
    .action((gateway: string, flags: SiteFlags & { tenant?: string; verify?: boolean }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const signed = await client.bench.birthRecord({ gateway, ...given({ tenant: flags.tenant }) })
        const isValid = flags.verify === true ? verifyBirthRecord(signed) : null
        if (flags.json) output.json(isValid === null ? signed : { ...signed, isValid })
        else {
          output.line(JSON.stringify(JSON.parse(signed.record), null, 2))
          output.facts([
            ['signature', signed.signature],
            ['key', signed.keyId],
          ])
          if (isValid !== null) output.line(isValid ? 'The signature is valid' : 'The signature is NOT valid')
        }
        if (isValid === false) context.exitCode = ExitCode.failed
      }),
    )
}
