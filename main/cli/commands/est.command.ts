import type { Command } from 'commander'
import { EST_PASSWORD_HOURS_MOST } from '#contract/api/est.ts'
import { given, wholeNumber } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'

interface PasswordFlags extends SiteFlags {
  tenant?: string
  group?: string
  profile?: string
  mac?: string
  code?: string
  name?: string
  hours?: number
}

/** `millwright est …` */
export function addEstCommands(program: Command, context: CommandContext): void {
  const group = program.command('est').summary('one-time passwords with which boxes enroll by EST')

  addSiteOptions(group.command('password'))
    .summary('make a one-time password for one box; prints it, once')
    .option('--code <code>', 'of the gateway that the box becomes')
    .option('--name <name>', 'what people call it: "Boiler room"')
    .option('--mac <address>', 'only a box with this MAC; it may be a gateway that was reset')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--group <group>', 'id, or path: "Plant 1/Line 2"')
    .option('--profile <profile>', 'name or id of a gateway profile')
    .option('--hours <hours>', 'it counts for a day where left out', wholeNumber(1, EST_PASSWORD_HOURS_MOST))
    .action((flags: PasswordFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { tenant, group: place, profile, mac: mac_address, code, name, hours } = flags
        const made = await client.est.createPassword(
          given({ tenant, group: place, profile, mac_address, code, name, hours }),
        )
        if (flags.json) return context.output.json(made)
        context.output.facts([
          ['user name', made.username],
          ['password', made.password],
          ['enroll at', `${made.url}/.well-known/est/simpleenroll`],
          ['counts until', made.expires_at],
        ])
        context.output.note('Not shown again.')
      }),
    )

  addSiteOptions(group.command('list'))
    .summary('one-time passwords, the newest first; never the passwords themselves')
    .option('--tenant <slug>', 'only of this tenant')
    .action((flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { passwords } = await client.est.list(given({ tenant: flags.tenant }))
        if (flags.json) return context.output.json({ passwords })
        if (passwords.length === 0)
          return context.output.note('None. Make one: millwright est password --code GW001')
        context.output.table(
          ['USER NAME', 'STATE', 'UNTIL', 'CODE', 'MAC', 'BECAME', 'MADE BY'],
          passwords.map((one) => [
            one.username,
            one.state,
            one.expiresAt,
            one.code ?? '-',
            one.mac ?? '-',
            one.gateway?.code ?? '-',
            one.createdBy,
          ]),
        )
      }),
    )

  addSiteOptions(group.command('remove').argument('<username>', 'est-…'))
    .summary('take back a one-time password that was not used')
    .action((username: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        await client.est.removePassword({ username })
        if (flags.json) context.output.json({ removed: true, username })
        else context.output.line(`${username} does not count any more`)
      }),
    )
}
