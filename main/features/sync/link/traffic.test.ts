import { expect, test } from 'vitest'
import type { ExpectedError } from '#contract/errors.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { Traffic } from './traffic.ts'

function connection() {
  let end: (failure: ExpectedError | null) => void = () => undefined
  const ended = new Promise<ExpectedError | null>((resolve) => {
    end = resolve
  })
  return { bytesRead: 0, bytesWritten: 0, ended, end: () => end(null) }
}

test('rates are those of the last ten seconds, over all connections', async () => {
  const traffic = new Traffic()
  expect(traffic.rates(0)).toEqual({ readingsPerSecond: 0, bytesPerSecond: 0 })
  const one = connection()
  const other = connection()
  traffic.add(one as unknown as CloudConnection)
  traffic.add(other as unknown as CloudConnection)
  traffic.sample(0, 0)
  one.bytesWritten = 5_000
  other.bytesRead = 1_000
  traffic.sample(300, 2_000)
  expect(traffic.rates(2_000)).toEqual({ readingsPerSecond: 150, bytesPerSecond: 3_000 })
  one.end()
  await one.ended
  await Promise.resolve()
  // What a connection that is gone carried still counts.
  expect(traffic.bytes).toBe(6_000)
  traffic.sample(300, 20_000)
  expect(traffic.rates(20_000)).toEqual({ readingsPerSecond: 0, bytesPerSecond: 0 })
})

test('a sum that begins anew is no negative rate', () => {
  const traffic = new Traffic()
  traffic.sample(1_000, 0)
  traffic.sample(10, 1_000)
  expect(traffic.rates(1_000).readingsPerSecond).toBe(0)
})
