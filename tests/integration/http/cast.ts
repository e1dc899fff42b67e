import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { type Permission, type Role, rolePermissions, sitePermissions } from '#contract/model/permission.ts'
import type { TestSite } from '#tests/fixtures/site.ts'
import type { Api, People, Person } from './people.ts'

/** Somebody who calls, with what they may. */
export interface Member {
  permissions: readonly Permission[]
  isPerson: boolean
  /** Rights over the whole site. */
  ofSite: boolean
  /** Rights over the whole of their tenant. */
  isWhole: boolean
  /** What a request carries, with a new session where it is a person. */
  headers(): Promise<Record<string, string>>
  /** The contract, by the same. */
  api(): Promise<Api>
}

type Limited = 'operator of a group' | 'tenant_admin of a group' | 'owner'

/** Everyone who may call a site: a person of each role, some whose rights end within the tenant, a key of each scope. */
export class Cast {
  readonly #site: TestSite
  readonly #people: People
  readonly #tenantId: string
  readonly #roles: Map<Role, Person>
  readonly #limited: Map<Limited, Person>

  private constructor(
    site: TestSite,
    people: People,
    tenantId: string,
    of: Pick<CastParts, 'roles' | 'limited'>,
  ) {
    this.#site = site
    this.#people = people
    this.#tenantId = tenantId
    this.#roles = of.roles
    this.#limited = of.limited
  }

  /** `groupId`: where the rights of those of a group end. */
  static async of(
    site: TestSite,
    people: People,
    { tenantId, groupId }: { tenantId: string; groupId: string },
  ): Promise<Cast> {
    const roles = new Map<Role, Person>()
    for (const role of ['tenant_admin', 'operator', 'viewer'] as const)
      roles.set(role, await people.add(role, tenantId))
    roles.set('site_admin', await people.add('site_admin', null))
    const limited = new Map<Limited, Person>([
      ['operator of a group', await people.addWithin('operator', tenantId, [groupId])],
      ['tenant_admin of a group', await people.addWithin('tenant_admin', tenantId, [groupId])],
      ['owner', await people.addWithin('operator', tenantId, [])],
    ])
    return new Cast(site, people, tenantId, { roles, limited })
  }

  role(role: Role): Member {
    return this.#person(this.#roles.get(role), { isWhole: true })
  }

  limited(who: Limited): Member {
    return this.#person(this.#limited.get(who), { isWhole: false })
  }

  /** A key of the tenant, or of the site where only that has the right. */
  async key(permission: Permission): Promise<Member> {
    const ofSite = sitePermissions.includes(permission)
    const { json } = await this.#site.local.post('/api/v1/api-keys', {
      name: permission,
      scopes: [permission],
      ...(ofSite ? { reach: 'site' } : { reach: 'tenant', tenant: this.#tenantId }),
    })
    const headers = { authorization: `Bearer ${json.secret}` }
    const url = `${this.#site.addresses.http}/rpc`
    return {
      headers: async () => headers,
      permissions: [permission],
      isPerson: false,
      ofSite,
      isWhole: true,
      api: async () => createORPCClient(new RPCLink({ url, headers })),
    }
  }

  #person(person: Person | undefined, { isWhole }: { isWhole: boolean }): Member {
    if (!person) throw new Error('There is no such person in the cast')
    return {
      permissions: rolePermissions[person.role],
      isPerson: true,
      ofSite: person.role === 'site_admin',
      isWhole,
      headers: async () => ({ cookie: await this.#people.cookie(person) }),
      api: () => this.#people.api(person),
    }
  }
}

interface CastParts {
  roles: Map<Role, Person>
  limited: Map<Limited, Person>
}
