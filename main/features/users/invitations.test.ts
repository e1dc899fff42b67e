import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#features/access/index.ts'
import { from, openUserWorld, type UserWorld } from './users.fixture.ts'

const PASSWORD = 'rain in Campinas 7'
let world: UserWorld
let northAdmin: Actor
let southAdmin: Actor
let root: Actor

beforeEach(async () => {
  world = await openUserWorld()
  await world.add('root', { siteAdmin: 1 })
  await world.add('ana')
  await world.member('ana', 'north', 'tenant_admin')
  await world.add('bo')
  await world.member('bo', 'south', 'tenant_admin')
  northAdmin = await world.as('ana')
  southAdmin = await world.as('bo')
  root = await world.as('root')
  return () => world.db.destroy()
})

const code = (name: string) => expect.objectContaining({ code: name })

async function invite(
  actor: Actor,
  email: string,
  how: 'link' | 'one_time_password' = 'link',
  more: object = {},
) {
  const input = { email, siteAdmin: false, how, role: 'viewer', ...more }
  const { userId, entry } = await world.memberships.invite(actor, input, world.draft(actor))
  return { userId, secret: entry.secret, shown: world.invitations.shown(entry) }
}
const accept = (token: string, password = PASSWORD, name = 'Caro') =>
  world.invitations.accept({ token, name, password }, from, world.draft(root))
const join = async (token: string, userId: string) => {
  const actor = await world.as(userId)
  if (actor.kind !== 'user') throw new Error(`${userId} has no rights to sign in with`)
  return world.invitations.join(token, actor, from, world.draft(actor))
}

test('a link is shown once, tells whose it is, opens the account once, and is known as used then', async () => {
  const { userId, secret, shown } = await invite(northAdmin, 'Caro@Plant.example ', 'link', { name: 'C.' })
  expect(shown.link).toBe(`https://plant.local:8443/invitation#${secret}`)
  expect(await world.invitations.show(secret, from)).toMatchObject({
    kind: 'invite',
    siteName: 'Plant 1',
    maskedEmail: 'c…@plant.example',
  })
  expect(await world.as(userId)).toEqual({ kind: 'anonymous' })
  expect(await accept(secret)).toBe('caro@plant.example')
  expect(await world.as(userId)).toMatchObject({ name: 'Caro', roleId: 'viewer', tenantId: 'north' })
  await expect(accept(secret)).rejects.toThrow(code('invitation_used'))
  await expect(world.invitations.show(secret, from)).rejects.toThrow(code('invitation_used'))
})

test('of two who use a link at the same time one gets in', async () => {
  const { secret } = await invite(northAdmin, 'caro@plant.example')
  const results = await Promise.allSettled([accept(secret), accept(secret), accept(secret)])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a link ends after 72 hours, and when another one is made', async () => {
  const first = await invite(northAdmin, 'caro@plant.example')
  const second = await invite(northAdmin, 'caro@plant.example')
  await expect(accept(first.secret)).rejects.toThrow(code('invitation_unknown'))
  world.time.now += 72 * 3_600_000
  await expect(accept(second.secret)).rejects.toThrow(code('invitation_expired'))
})

test('the store holds nothing that opens an account', async () => {
  const link = await invite(northAdmin, 'caro@plant.example')
  const password = await invite(northAdmin, 'dora@plant.example', 'one_time_password')
  const stored = JSON.stringify([
    await world.db.selectFrom('invitations').selectAll().execute(),
    await world.db.selectFrom('users').selectAll().execute(),
    await world.db.selectFrom('auditEntries').selectAll().execute(),
    await world.db.selectFrom('auditSubjects').selectAll().execute(),
  ])
  expect(stored).not.toContain(link.secret)
  expect(stored).not.toContain(password.secret)
})

test('guessing is slowed by address, and a weak password uses nothing up', async () => {
  const { secret } = await invite(northAdmin, 'caro@plant.example')
  await expect(accept(secret, 'short')).rejects.toThrow(code('password_too_short'))
  for (let tries = 0; tries < 30; tries += 1)
    await expect(world.invitations.show(`wrong ${tries}`, from)).rejects.toThrow(code('invitation_unknown'))
  await expect(world.invitations.show(secret, from)).rejects.toThrow(code('too_many_requests'))
  const elsewhere = { ...from, address: '10.0.0.10' }
  expect(await world.invitations.show(secret, elsewhere)).toMatchObject({ kind: 'invite' })
})

test('a one-time password counts at once and must be changed', async () => {
  const { userId, shown } = await invite(northAdmin, 'caro@plant.example', 'one_time_password')
  expect(shown.oneTimePassword).toMatch(/^[A-HJ-NP-Za-km-z2-9]{20}$/)
  expect(await world.as(userId)).toMatchObject({ pending: 'password', tenantId: 'north' })
})

test.each(['link', 'one_time_password'] as const)(
  'with a %s nothing tells whether there was an account before',
  async (how) => {
    const known = await invite(northAdmin, 'bo@plant.example', how, { name: 'New' })
    const fresh = await invite(northAdmin, 'nobody@plant.example', how, { name: 'New' })
    const plain = async ({ userId, shown }: typeof known) => {
      const user = await world.users.show(northAdmin, userId)
      const withoutSecret = {
        ...shown,
        link: shown.link?.length,
        oneTimePassword: shown.oneTimePassword?.length,
      }
      return { ...user, id: '', email: '', shown: withoutSecret }
    }
    expect(await plain(known)).toEqual(await plain(fresh))
    expect(await plain(known)).toMatchObject({
      state: 'invited',
      name: 'New',
      lastLoginAt: null,
      manageable: true,
    })
    // Nor does what may be done to it.
    const tries = [
      (id: string) => world.users.suspend(northAdmin, id, undefined, world.draft(northAdmin)),
      (id: string) => world.users.resume(northAdmin, id, world.draft(northAdmin)),
      (id: string) => world.users.unlock(northAdmin, id, world.draft(northAdmin)),
      (id: string) => world.users.removeSecondFactor(northAdmin, id, world.draft(northAdmin)),
      (id: string) => world.users.update(northAdmin, id, { name: 'Newer' }, world.draft(northAdmin)),
      (id: string) => world.users.reset(northAdmin, id, how, world.draft(northAdmin)),
      (id: string) => world.users.delete(northAdmin, id, world.draft(northAdmin)),
    ]
    for (const attempt of tries) {
      const outcomes = await Promise.all(
        [known.userId, fresh.userId].map((id) =>
          attempt(id).then(
            () => 'done',
            (error: { code: string }) => error.code,
          ),
        ),
      )
      expect(outcomes[0]).toBe(outcomes[1])
    }
    // What was there is as it was.
    expect(await world.as('bo')).toMatchObject({ name: 'bo', tenantId: 'south' })
    const { passwordHash } = await world.db
      .selectFrom('users')
      .select('passwordHash')
      .where('id', '=', 'bo')
      .executeTakeFirstOrThrow()
    expect(passwordHash).toBeNull()
  },
)

test('an account of another tenant is not opened by a link: its person takes the invitation signed in', async () => {
  const { userId, secret } = await invite(northAdmin, 'bo@plant.example')
  await expect(accept(secret)).rejects.toThrow(code('invitation_needs_sign_in'))
  expect(await world.as(userId, 'north')).toEqual({ kind: 'anonymous' })
  await expect(join(secret, 'ana')).rejects.toThrow(code('invitation_of_another'))
  expect(await join(secret, 'bo')).toEqual({ tenantId: 'north', tenantName: 'north' })
  expect(await world.as('bo', 'north')).toMatchObject({ tenantId: 'north', roleId: 'viewer' })
  expect(await world.as('bo', 'south')).toMatchObject({ tenantId: 'south', roleId: 'tenant_admin' })
  await expect(join(secret, 'bo')).rejects.toThrow(code('invitation_used'))
})

test('a one-time password of another tenant is the code to join with, and no password', async () => {
  const { secret } = await invite(northAdmin, 'bo@plant.example', 'one_time_password')
  expect(await world.as('bo')).toMatchObject({ pending: null })
  expect(await join(secret, 'bo')).toMatchObject({ tenantId: 'north' })
})

test('who knows the password of the account takes an invitation with it', async () => {
  const own = await invite(southAdmin, 'caro@plant.example')
  await accept(own.secret)
  const { secret } = await invite(northAdmin, 'caro@plant.example')
  expect(await accept(secret, PASSWORD)).toBe('caro@plant.example')
  expect(await world.as(own.userId, 'north')).toMatchObject({ tenantId: 'north' })
})

test('whoever made an account for somebody gets at nothing that others give it later', async () => {
  // The south holds a link, and a one-time password, of an account that the north invites as well.
  const south = await invite(southAdmin, 'caro@plant.example')
  const north = await invite(northAdmin, 'caro@plant.example', 'link', { role: 'tenant_admin' })
  await accept(south.secret)
  expect(await world.as(south.userId, 'north')).toEqual({ kind: 'anonymous' })
  expect(await world.as(south.userId)).toMatchObject({ tenantId: 'south', roleId: 'viewer' })
  // The north's link now wants the account's password, which its person chose.
  await expect(accept(north.secret, 'another rain 8')).rejects.toThrow(code('invitation_needs_sign_in'))
  const reset = await world.users.reset(southAdmin, south.userId, 'link', world.draft(southAdmin))
  await accept(north.secret, PASSWORD).catch(() => undefined)
  await join(north.secret, south.userId).catch(() => undefined)
  expect(await world.as(south.userId, 'north')).toMatchObject({ tenantId: 'north', roleId: 'tenant_admin' })
  // The link that the south made before opens nothing any more, and another one is refused.
  await expect(accept(reset.entry.secret, 'third rain in 9')).rejects.toThrow(code('invitation_unknown'))
  await expect(world.users.reset(southAdmin, south.userId, 'link', world.draft(southAdmin))).rejects.toThrow(
    code('account_beyond'),
  )
})

test("a tenant's link does not open the account of an invited administrator of the site", async () => {
  await world.memberships.invite(
    root,
    { email: 'chief@plant.example', siteAdmin: true, how: 'link' },
    world.draft(root),
  )
  const { secret } = await invite(northAdmin, 'chief@plant.example')
  await expect(accept(secret)).rejects.toThrow(code('invitation_needs_sign_in'))
})

test('an invitation that was taken back opens nothing', async () => {
  const { userId, secret } = await invite(northAdmin, 'caro@plant.example')
  await world.memberships.remove(northAdmin, userId, 'north', world.draft(northAdmin))
  await expect(accept(secret)).rejects.toThrow(code('invitation_unknown'))
  expect(await world.db.selectFrom('users').select('id').where('id', '=', userId).execute()).toEqual([])
})

test('who is there already is not invited again', async () => {
  await expect(invite(northAdmin, 'ana@plant.example')).rejects.toThrow(code('user_exists'))
  await expect(invite(root, 'ANA@plant.example', 'link', { tenant: 'north' })).rejects.toThrow(
    code('user_exists'),
  )
})

test('a reset ends sessions and the old password, and its link opens the account but once', async () => {
  const { userId, secret } = await invite(northAdmin, 'caro@plant.example')
  await accept(secret)
  await world.session(userId, 'live')
  const { entry } = await world.users.reset(northAdmin, userId, 'link', world.draft(northAdmin))
  expect(world.ended).toEqual(['live'])
  expect(await world.invitations.show(entry.secret, from)).toMatchObject({ kind: 'reset' })
  await accept(entry.secret, 'another rain 8', 'not taken')
  expect(await world.as(userId)).toMatchObject({ name: 'Caro', pending: null })
  await expect(accept(entry.secret)).rejects.toThrow(code('invitation_used'))
})
