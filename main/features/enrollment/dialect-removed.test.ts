import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { EnrollmentService } from './enrollment.service.ts'
import { enrollmentSite, plainOrder } from './enrollment-site.fixture.ts'

test('a dialect that is removed while the key is made leaves no gateway that speaks it', async () => {
  const site = await enrollmentSite()
  let asked = 0
  const naming = {
    requireDialect: (dialect: string): void => {
      asked += 1
      if (asked > 1) throw new ExpectedError('dialect_unknown', { dialect, known: 'canonical' })
    },
    requireNames: async () => {},
  }
  const enrollment = new EnrollmentService({ ...site, naming, commandsQueued: () => {} })
  const mac = '02:00:00:00:00:77'
  const order = { ...plainOrder, mac, dialect: 'acme' }
  await expect(
    enrollment.enroll(order, { all: true }, site.draft(), async () => undefined),
  ).rejects.toMatchObject({ code: 'dialect_unknown' })
  const found = await site.db.selectFrom('gateways').select('id').where('mac', '=', mac).execute()
  expect(found).toEqual([])
  await site.close()
})
