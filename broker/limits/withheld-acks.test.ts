import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Session } from '#broker/sessions/session.ts'
import { WithheldAcks } from './withheld-acks.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function sessionWith(keepalive: number): Session {
  const socket = new PassThrough()
  const origin = { raw: new Socket(), address: '', listener: 'plain', fingerprint: '', tls: '' } as const
  const session = new Session({ socket, ...origin })
  session.keepalive = keepalive
  return session
}

/** Names of the messages that were let go, and `read` where the session may be read again. */
function follow(session: Session) {
  const seen: string[] = []
  const withheld = new WithheldAcks(() => {})
  session.socket.on('readable', () => seen.push('read'))
  const take = (name: string, ms: number) => withheld.join(session, ms, () => seen.push(name))()
  return { seen, take }
}

test('no acknowledgement waits longer than half the keepalive, but reading on does', () => {
  const session = sessionWith(2)
  const { seen, take } = follow(session)
  take('a', 400)
  take('b', 4_000)
  take('c', 0)
  vi.advanceTimersByTime(399)
  expect(seen).toEqual([])
  vi.advanceTimersByTime(1)
  expect(seen).toEqual(['a'])
  vi.advanceTimersByTime(600)
  expect([...seen, session.withheld]).toEqual(['a', 'b', 'c', 0])
  vi.advanceTimersByTime(2_999)
  expect(session.held).toBe(true)
  vi.advanceTimersByTime(1)
  expect(seen).toEqual(['a', 'b', 'c', 'read'])
  expect(session.held).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('the keepalive of a session that is not read waits as well, and runs again afterwards', () => {
  const session = sessionWith(1)
  const missed = vi.fn<() => void>()
  const keepalive = setTimeout(missed, 1_500)
  Object.assign(session, { client: { _keepaliveTimer: keepalive } })
  const { seen, take } = follow(session)
  take('a', 10_000)
  vi.advanceTimersByTime(10_000)
  expect(missed).not.toHaveBeenCalled()
  expect(seen).toEqual(['a', 'read'])
  vi.advanceTimersByTime(1_500)
  expect(missed).toHaveBeenCalledOnce()
})
