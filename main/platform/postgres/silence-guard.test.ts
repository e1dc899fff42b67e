import { afterEach, expect, test, vi } from 'vitest'
import { SilenceGuard } from './silence-guard.ts'

afterEach(() => vi.useRealTimers())

function guarded() {
  vi.useFakeTimers()
  const wire = { read: 0, written: 0 }
  const onSilent = vi.fn<() => void>()
  const guard = new SilenceGuard({
    read: () => wire.read,
    written: () => wire.written,
    silence: 10_000,
    onSilent,
  })
  guard.start()
  return { wire, guard, onSilent }
}

test('silence counts while an answer is due, and only then', () => {
  const { guard, onSilent } = guarded()
  vi.advanceTimersByTime(3_600_000)
  expect(onSilent).not.toHaveBeenCalled()
  guard.sent()
  guard.answered()
  vi.advanceTimersByTime(3_600_000)
  expect(onSilent).not.toHaveBeenCalled()
  guard.sent()
  vi.advanceTimersByTime(9_000)
  expect(onSilent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(3_000)
  expect(onSilent).toHaveBeenCalledOnce()
})

test('each byte that comes begins the wait anew', () => {
  const { wire, guard, onSilent } = guarded()
  guard.sent()
  for (let second = 0; second < 60; second += 1) {
    if (second % 8 === 0) wire.read += 1
    vi.advanceTimersByTime(1_000)
  }
  expect(onSilent).not.toHaveBeenCalled()
})

test('what a slow line still has to carry gets its time', () => {
  const { wire, guard, onSilent } = guarded()
  guard.sent()
  wire.written += 80_000
  vi.advanceTimersByTime(28_000)
  expect(onSilent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(5_000)
  expect(onSilent).toHaveBeenCalledOnce()
})
