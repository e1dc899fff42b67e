import { afterAll, beforeAll, expect, test } from 'vitest'
import { millwright, millwrightJson } from './command.ts'
import { makeSiteProcess, removeSiteProcess, type SiteProcess } from './site-process.ts'

let site: SiteProcess
beforeAll(async () => {
  site = await makeSiteProcess()
  await site.create()
  await site.start()
})
afterAll(() => removeSiteProcess(site))

const on = (...args: string[]) => [...args, '--data', site.dataDir]

test('a person is invited, listed, suspended, let in again and given a new password', async () => {
  const invited = await millwright(
    on('users', 'invite', 'Caro@plant.example', '--role', 'operator', '--name', 'Caro'),
  )
  expect(invited.code).toBe(0)
  expect(invited.stdout).toMatch(
    /^person +caro@plant\.example\nlink +https:\/\/\S+\/invitation#[\w-]{43}\nvalid until/,
  )
  expect(invited.stderr).toMatch(/^Not shown again/)
  const { stdout } = await millwright(on('users', 'list', '--state', 'invited'))
  expect(stdout).toMatch(/^E-MAIL .*\ncaro@plant\.example +Caro +operator +\S+ +invited +no +-\n$/)
  const refused = await millwright(on('users', 'suspend', 'caro@plant.example', '--reason', 'left'))
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.stderr).toContain('Caro is invited')
  const { user, entry } = await millwrightJson<{
    user: { state: string }
    entry: Record<string, string | null>
  }>(on('users', 'reset-password', 'caro@plant.example', '--one-time-password'))
  expect([user.state, entry['link']]).toEqual(['invited', null])
  expect(entry['oneTimePassword']).toHaveLength(20)
})

test('roles are listed, and one that is not there is said to be none', async () => {
  const { roles } = await millwrightJson<{ roles: { id: string }[] }>(on('roles', 'list'))
  expect(roles.map(({ id }) => id)).toEqual(['site_admin', 'tenant_admin', 'operator', 'viewer'])
  const unknown = await millwright(on('users', 'invite', 'x@plant.example', '--role', 'king'))
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  const nobody = await millwright(on('users', 'resume', 'nobody@plant.example'))
  expect(nobody.stderr).toBe('millwright: There is no user nobody@plant.example\n')
})
