import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket } from 'ws'
import type { Contract } from '#contract/contract.ts'
import type { Role } from '#contract/model/permission.ts'
import { insertSession, insertUser } from '#features/identity/identity.repository.ts'
import { hashToken } from '#features/identity/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { TestSite } from '#tests/fixtures/site.ts'

export type Api = ContractRouterClient<Contract>

export interface Person {
  id: string
  role: Role
  tenantId: string | null
}

/** The store of a running site, beside its engine, for what no procedure makes yet: people. */
export class People {
  readonly #site: TestSite
  readonly db: SiteDb

  private constructor(site: TestSite, db: SiteDb) {
    this.#site = site
    this.db = db
  }

  static async of(site: TestSite): Promise<People> {
    return new People(site, await openSiteDb(join(site.dataDir, 'site.sqlite')))
  }

  async add(role: Role, tenantId: string | null): Promise<Person> {
    const id = uuid7()
    await this.db.transaction().execute(async (trx) => {
      await insertUser(trx, {
        id,
        email: `${id}@plant.example`,
        name: `${role} ${id.slice(-4)}`,
        // Signs in by a session of its own.
        passwordHash: null,
        siteAdmin: role === 'site_admin' ? 1 : 0,
        state: 'active',
        createdAt: Date.now(),
      })
      if (tenantId !== null) {
        const membership = {
          userId: id,
          tenantId,
          roleId: role,
          reach: 'tenant' as const,
          createdAt: Date.now(),
        }
        await trx.insertInto('memberships').values(membership).execute()
      }
    })
    return { id, role, tenantId }
  }

  /** Whose rights end at some groups, or, with none, at their own gateways. */
  async addWithin(role: Exclude<Role, 'site_admin'>, tenantId: string, groupIds: string[]): Promise<Person> {
    const person = await this.add(role, tenantId)
    await this.db.transaction().execute(async (trx) => {
      await trx
        .updateTable('memberships')
        .set({ reach: groupIds.length > 0 ? 'groups' : 'own' })
        .where('userId', '=', person.id)
        .execute()
      for (const groupId of groupIds)
        await trx.insertInto('membershipGroups').values({ userId: person.id, tenantId, groupId }).execute()
    })
    return person
  }

  /** A session of this person, as the Cookie header that carries it. */
  async cookie({ id }: Person): Promise<string> {
    const token = randomBytes(32).toString('base64url')
    const now = Date.now()
    await this.db.transaction().execute((trx) =>
      insertSession(trx, {
        id: uuid7(),
        kind: 'browser',
        tokenHash: hashToken(token),
        userId: id,
        createdAt: now,
        expiresAt: now + 3_600_000,
        lastSeenAt: now,
        address: '127.0.0.1',
        userAgent: 'test',
      }),
    )
    return `__Host-millwright=${token}`
  }

  /** The contract over HTTP, streams too, with a new session of this person; nobody without one. */
  async api(person: Person | null): Promise<Api> {
    const headers = person === null ? {} : { cookie: await this.cookie(person) }
    return createORPCClient(new RPCLink({ url: `${this.#site.addresses.http}/rpc`, headers }))
  }

  close(): Promise<void> {
    return this.db.destroy()
  }
}

/** A browser's WebSocket. Resolves once it is open, or with the status that refused it. */
export async function openSocket(
  site: TestSite,
  headers: Record<string, string>,
  path = '/rpc/socket',
): Promise<{ socket: WebSocket; refused: number | null }> {
  const socket = new WebSocket(`${site.addresses.http?.replace(/^http/, 'ws')}${path}`, { headers })
  const refused = await new Promise<number | null>((resolve, reject) => {
    socket.on('open', () => resolve(null))
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })
  return { socket, refused }
}

export function apiOver(socket: WebSocket): Api {
  return createORPCClient(new SocketLink({ websocket: socket as never }))
}

/** The first message of a stream, which is then given back. */
export async function first<T>(stream: AsyncIterable<T>): Promise<T> {
  for await (const value of stream) return value
  throw new Error('the stream ended without a message')
}
