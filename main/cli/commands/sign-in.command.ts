import { type Command, Option } from 'commander'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { type LoginFlags, login, logout } from '../sign-in/login.ts'
import { addJsonOption, addSiteOptions } from '../site-options.ts'

/** `millwright login`, `logout`, `whoami` */
export function addSignInCommands(program: Command, context: CommandContext): void {
  addJsonOption(program.command('login').addOption(urlOption()))
    .summary('sign in at a site elsewhere, for the commands that follow')
    .addOption(
      new Option('--user <name>', 'e-mail address or user name; asked where left out').env('MILLWRIGHT_USER'),
    )
    .addOption(
      new Option(
        '--password-file <file>',
        'file with the password, - for standard input; asked where left out',
      ).env('MILLWRIGHT_PASSWORD_FILE'),
    )
    .addOption(
      new Option('--ca <file>', "the site's web CA in PEM, trusted from now on").env('MILLWRIGHT_CA'),
    )
    .addOption(
      new Option(
        '--fingerprint <sha256>',
        "SHA-256 of the site's certificate: its web CA is fetched and trusted from now on",
      ).conflicts('ca'),
    )
    .option('--tenant <slug>', 'the tenant to act in, for those who have several')
    .option('--code <code>', 'of the second factor; asked where it is needed')
    .action(async (flags: LoginFlags & { json?: boolean }) => {
      const { user, url } = await login(flags, context.now)
      if (flags.json) context.output.json({ url, user })
      else context.output.line(`Signed in at ${url} as ${user.email ?? user.name}`)
      if (user.pending !== null)
        context.output.note('Your account is not ready yet: finish it in the browser, under My account.')
    })

  addJsonOption(program.command('logout').addOption(urlOption()))
    .summary('end the sign-in at a site elsewhere')
    .action(async (flags: { url?: string; json?: boolean }) => {
      const user = await logout(flags)
      if (flags.json) context.output.json({ signedOut: user })
      else context.output.line(user === null ? 'Nobody was signed in there' : `Signed out ${user}`)
    })

  addSiteOptions(program.command('whoami'))
    .summary('who the site takes you for, and what you may do')
    .action((flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const me = await client.auth.me()
        if (flags.json) return context.output.json(me)
        const tenant = me.tenants.find(({ id }) => id === me.tenantId)
        context.output.facts([
          ['name', me.name],
          ['e-mail', me.email],
          ['kind', me.kind],
          ['role', me.roleName || null],
          ['tenant', tenant?.name],
          ['reach', me.reach],
          ['may', me.permissions.join(' ')],
        ])
      }),
    )
}

function urlOption(): Option {
  return new Option('--url <address>', 'the site: https://host:8443').env('MILLWRIGHT_URL')
}
