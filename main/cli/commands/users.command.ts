import type { Command } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { ExpectedError } from '#contract/errors.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

type User = Awaited<ReturnType<RestClient['users']['show']>>
type Entry = Awaited<ReturnType<RestClient['users']['reset']>>['entry']
type RefFlags = SiteFlags & { tenant?: string }
type InviteFlags = RefFlags & {
  name?: string
  role?: string
  group?: string[]
  own?: boolean
  siteAdmin?: boolean
  oneTimePassword?: boolean
}

/** `millwright users …` */
export function addUsersCommands(program: Command, context: CommandContext): void {
  const group = program.command('users').summary('people and their rights')

  addTenantOption(addSiteOptions(group.command('list')))
    .summary('people, by e-mail address')
    .option('--state <state>', 'only invited, active or suspended ones')
    .option('--search <text>', 'only where name, e-mail address or user name holds this')
    .action((flags: RefFlags & { state?: string; search?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const users = await listUsers(client, flags)
        if (flags.json) context.output.json({ users })
        else context.output.table(header, users.map(toRow))
      }),
    )

  addTenantOption(addSiteOptions(group.command('invite').argument('<email>', 'e-mail address')))
    .summary('invite a person; prints a link or a one-time password, once')
    .option('--name <name>', 'how they are called until they say it themselves')
    .option('--role <role>', 'viewer (default), operator, tenant_admin, or an own role by its name or id')
    .option('--group <group...>', 'rights end at these groups and all below them: id, or path Plant 1/Line 2')
    .option('--own', 'rights end at gateways of their own')
    .option('--site-admin', 'administers the whole site, in no tenant')
    .option('--one-time-password', 'a password to change at the first sign-in, in place of a link')
    .action((email: string, flags: InviteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { user, entry } = await client.users.invite({
          email,
          ...given({ name: flags.name, tenant: flags.tenant }),
          ...(flags.group ? { groups: await findGroups(client, flags.group, flags.tenant) } : {}),
          ...(flags.role === undefined ? {} : { role: await findRole(client, flags.role, flags.tenant) }),
          ...(flags.group ? { reach: 'groups' as const } : flags.own ? { reach: 'own' as const } : {}),
          siteAdmin: flags.siteAdmin ?? false,
          how: howOf(flags),
        })
        show(context, flags, user, entry)
      }),
    )

  addPersonCommand(group, context, 'suspend', 'cut a person off at once').option(
    '--reason <text>',
    'kept in the audit',
  )
  addPersonCommand(group, context, 'resume', 'let a suspended person in again')

  addSiteOptions(group.command('reset-password').argument('<person>', 'e-mail address or id'))
    .summary('end their password and sessions; prints a link or a one-time password, once')
    .option('--one-time-password', 'a password to change at the first sign-in, in place of a link')
    .action((person: string, flags: InviteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { id } = await findUser(client, person)
        const { user, entry } = await client.users.reset({ userId: id, how: howOf(flags) })
        show(context, flags, user, entry)
      }),
    )
}

function addPersonCommand(
  group: Command,
  context: CommandContext,
  name: 'suspend' | 'resume',
  summary: string,
): Command {
  return addSiteOptions(group.command(name).argument('<person>', 'e-mail address or id'))
    .summary(summary)
    .action((person: string, flags: SiteFlags & { reason?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { id } = await findUser(client, person)
        const user = await client.users[name]({ userId: id, ...given({ reason: flags.reason }) })
        if (flags.json) context.output.json(user)
        else context.output.line(`${user.email} is ${user.state}`)
      }),
    )
}

const header = ['E-MAIL', 'NAME', 'ROLE', 'WHERE', 'STATE', 'SECOND FACTOR', 'LAST SIGN-IN']

function toRow({ email, name, siteAdmin, memberships, state, secondFactor, lastLoginAt }: User) {
  const roles = siteAdmin ? ['site_admin'] : memberships.map(({ roleName }) => roleName)
  const where = siteAdmin ? ['site'] : memberships.map(whereOf)
  return [
    email,
    name,
    roles.join(', ') || '-',
    where.join(', ') || '-',
    state,
    secondFactor ? 'yes' : 'no',
    lastLoginAt ?? '-',
  ]
}

function whereOf({ tenantSlug, reach, groups }: User['memberships'][number]): string {
  if (reach === 'tenant') return tenantSlug
  return `${tenantSlug}: ${reach === 'own' ? 'own gateways' : groups.map(({ name }) => name).join(' + ')}`
}

function show(context: CommandContext, flags: SiteFlags, user: User, entry: Entry): void {
  if (flags.json) return context.output.json({ user, entry })
  context.output.facts([
    ['person', user.email],
    ['link', entry.link],
    ['one-time password', entry.oneTimePassword],
    ['valid until', entry.expiresAt],
  ])
  context.output.note('Not shown again. Hand it over in a way that only the person sees.')
}

function howOf(flags: { oneTimePassword?: boolean }): Entry['how'] {
  return flags.oneTimePassword === true ? 'one_time_password' : 'link'
}

async function listUsers(
  client: RestClient,
  flags: { tenant?: string; state?: string; search?: string },
): Promise<User[]> {
  const filter = given({
    tenant: flags.tenant,
    state: flags.state as User['state'] | undefined,
    search: flags.search,
  })
  const users: User[] = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<RestClient['users']['list']>> = await client.users.list({
      ...filter,
      limit: 1_000,
      ...(after === null ? {} : { after }),
    })
    users.push(...page.users)
    after = page.next
  } while (after !== null)
  return users
}

async function findUser(client: RestClient, person: string): Promise<User> {
  if (!person.includes('@')) return client.users.show({ userId: person })
  const wanted = person.trim().toLowerCase()
  const found = (await listUsers(client, { search: person.trim() })).find(({ email }) => email === wanted)
  if (found === undefined) throw new ExpectedError('not_found', { what: 'user', id: person })
  return found
}

async function findRole(client: RestClient, wanted: string, tenant: string | undefined) {
  const { roles } = await client.roles.list(given({ tenant }))
  const found = roles.find(({ id, name }) => id === wanted || name === wanted)
  if (found === undefined)
    throw new CliError('usage', `There is no role ${wanted}: see "millwright roles list"`)
  return found.id
}

async function findGroups(client: RestClient, wanted: string[], tenant: string | undefined) {
  const { groups } = await client.groups.list(given({ tenant }))
  return wanted.map((one) => {
    const found = groups.find(({ id, path }) => id === one || path.join('/') === one)
    if (found === undefined) throw new ExpectedError('not_found', { what: 'group', id: one })
    return found.id
  })
}
