import type { RestClient } from '#client/rest-client.ts'
import { type DemoTenant, demoPeople, demoRole } from './demo-plan.ts'

/** Makes a tenant's groups. @returns the id of each by its path */
export async function makeGroups(
  client: RestClient,
  tenant: string,
  groups: DemoTenant['groups'],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const [path] of groups) {
    const names = path.split('/')
    const parent = ids.get(names.slice(0, -1).join('/')) ?? null
    const { id } = await client.groups.create({ tenant, parent, name: names.at(-1) ?? path })
    ids.set(path, id)
  }
  return ids
}

/** Who works at the plants, and a role of their own: so that one sees what people and rights look like. */
export async function invitePeople(
  client: RestClient,
  tenants: readonly { slug: string; groups: ReadonlyMap<string, string> }[],
): Promise<void> {
  const [first] = tenants
  if (first === undefined) return
  const own = await client.roles.create({
    tenant: first.slug,
    name: demoRole.name,
    permissions: [...demoRole.permissions],
  })
  for (const { name, email, tenant, role, groups } of demoPeople) {
    const of = tenants[tenant]
    if (of === undefined) continue
    await client.users.invite({
      name,
      email,
      tenant: of.slug,
      role: role === demoRole.name ? own.id : role,
      ...(groups && {
        reach: 'groups' as const,
        groups: groups.flatMap((path) => of.groups.get(path) ?? []),
      }),
    })
  }
}
