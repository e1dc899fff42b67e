import {
  addEmqxReader,
  addReader,
  addSite,
  type LoginOf,
  type NewLogin,
  removeReader,
  removeSite,
  rotatePassword,
  share,
  siteOf,
  unshare,
} from '#cloud/administration.ts'
import { migrateCloud } from '#cloud/migrate.ts'
import { type CloudUrl, cloudUrlText } from '#platform/postgres/cloud-url.ts'
import type { CommandContext } from '../command-context.ts'
import { saysYes } from '../sign-in/ask.ts'
import { withAdministrator } from './administrator.ts'
import type { CloudFlags } from './cloud-flags.ts'

/** `millwright cloud init` */
export function init(
  context: CommandContext,
  flags: CloudFlags & { storage: 'auto' | 'native' | 'timescale' },
): Promise<void> {
  return withAdministrator(context, flags, async (client) => {
    const log = {
      info: (message: string) => context.output.note(message),
      warn: (message: string) => context.output.note(`Warning: ${message}`),
    }
    const done = await migrateCloud(client, { storage: flags.storage, log })
    if (flags.json) context.output.json(done)
    else context.output.line(wordsOf(done))
  })
}

export function makeSite(
  context: CommandContext,
  flags: CloudFlags,
  site: { name: string; allTenants: boolean },
): Promise<void> {
  return withAdministrator(context, flags, async (client, url) =>
    showLogin(context, flags, url, { ...(await addSite(client, site)), next: 'site' }),
  )
}

export function dropSite(
  context: CommandContext,
  flags: CloudFlags,
  { site, deleteData, asks }: { site: string; deleteData: boolean; asks: boolean },
): Promise<void> {
  const { output } = context
  return withAdministrator(context, flags, async (client) => {
    const { id, name } = await siteOf(client, site)
    if (asks) {
      if (!(await saysYes(`Delete everything that ${name} (${id}) sent? It is gone for good.`))) {
        output.line('Nothing was deleted, and its login is as it was')
        return
      }
    }
    const removed = await removeSite(client, { site: id, deleteData })
    if (flags.json) {
      output.json(removed)
      return
    }
    const { readings, objects, roleStays } = removed
    output.line(`Its login is gone; ${readings} readings and ${objects} objects were deleted`)
    tellOfRole(context, roleStays)
  })
}

function tellOfRole({ output }: CommandContext, roleStays: string | null): void {
  if (roleStays === null) return
  output.note(
    `Warning: the role ${roleStays} could not be dropped. Nobody signs in as it, and it has no right in the cloud; what else somebody gave it stays.`,
  )
}

export function setSharing(
  context: CommandContext,
  flags: CloudFlags & { tenant: string; site: string },
  isShared: boolean,
): Promise<void> {
  return withAdministrator(context, flags, async (client) => {
    const { tenant, site } = flags
    const changed = await (isShared ? share : unshare)(client, { tenant, site })
    if (flags.json) context.output.json(changed)
    else context.output.line(`${tenant} is ${isShared ? 'shared with' : 'no longer shared with'} ${site}`)
  })
}

export function makeReader(context: CommandContext, flags: CloudFlags & { tenant: string }): Promise<void> {
  return withAdministrator(context, flags, async (client, url) =>
    showLogin(context, flags, url, await addReader(client, { tenant: flags.tenant })),
  )
}

export function dropReader(context: CommandContext, flags: CloudFlags & { tenant: string }): Promise<void> {
  return withAdministrator(context, flags, async (client) => {
    const roleStays = await removeReader(client, { tenant: flags.tenant })
    if (flags.json) {
      context.output.json({ removed: true, roleStays })
      return
    }
    context.output.line('Removed')
    tellOfRole(context, roleStays)
  })
}

export function makeEmqxReader(context: CommandContext, flags: CloudFlags): Promise<void> {
  return withAdministrator(context, flags, async (client, url) =>
    showLogin(context, flags, url, await addEmqxReader(client)),
  )
}

export function rotate(context: CommandContext, flags: CloudFlags, of: LoginOf): Promise<void> {
  return withAdministrator(context, flags, async (client, url) => {
    const login = await rotatePassword(client, of)
    showLogin(context, flags, url, { ...login, ...('site' in of && { next: 'login' as const }) })
  })
}

function wordsOf({ from, to, storage }: Awaited<ReturnType<typeof migrateCloud>>): string {
  const kept = storage === 'timescale' ? 'in TimescaleDB' : 'in monthly partitions'
  if (from === to) return `The schema is up to date: version ${to}, readings ${kept}`
  return `${from === 0 ? 'Made' : `Brought from version ${from} to`} version ${to}, readings ${kept}. Next: millwright cloud add-site`
}

function showLogin(
  { output }: CommandContext,
  flags: CloudFlags,
  url: CloudUrl,
  login: NewLogin & { name?: string; siteId?: string; siteKey?: number; next?: 'site' | 'login' },
): void {
  const { next, ...made } = login
  const address = cloudUrlText({ ...url, username: login.username })
  if (flags.json) {
    output.json({ ...made, url: address })
    return
  }
  output.facts([
    ['Site', login.name],
    ['Address', address],
    ['Password', login.password],
  ])
  output.note('')
  output.note('The password is shown now and never again. Keep it in a file that only you can read.')
  const ca = flags.ca === undefined ? '' : ' --ca CA.crt'
  if (next === 'site')
    output.note(
      `At the site: millwright cloud join --url '${address}' --password-file FILE${ca} --tenant SLUG=telemetry`,
    )
  if (next === 'login')
    output.note(`At the site: millwright cloud login --url '${address}' --password-file FILE${ca}`)
}
