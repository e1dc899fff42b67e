import { open } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { interpreterSignals } from './interpreter-signals.ts'
import { type LineSignals, noSignals, portSignals, type SignalPath } from './line-signals.ts'
import { openPseudoTerminal } from './pty.fixture.ts'

const reset: LineSignals = { dtr: false, rts: true, brk: false }

test('the lines of a port go by another way where serialport cannot set them', async () => {
  const bySerialport = vi.fn<() => Promise<void>>(async () => {
    throw new Error('Error: Operation not supported, cannot set')
  })
  const other = {
    ...noSignals,
    set: vi.fn<SignalPath['set']>(async () => undefined),
    close: vi.fn<SignalPath['close']>(async () => undefined),
  }
  const otherwise = vi.fn<() => Promise<SignalPath>>(async () => other)
  const signals = portSignals(bySerialport, otherwise)
  await signals.set(reset)
  await signals.set({ ...reset, rts: false })
  expect(bySerialport).toHaveBeenCalledOnce()
  expect(otherwise).toHaveBeenCalledOnce()
  expect(other.set.mock.calls).toEqual([[reset], [{ ...reset, rts: false }]])
  await signals.close()
  expect(other.close).toHaveBeenCalledOnce()
})

test('a device that went away is no port that cannot set them', async () => {
  const otherwise = vi.fn<() => Promise<SignalPath>>(async () => noSignals)
  const signals = portSignals(async () => {
    throw new Error('Error: Input/output error, cannot set')
  }, otherwise)
  await expect(signals.set(reset)).rejects.toThrow('Input/output error')
  expect(otherwise).not.toHaveBeenCalled()
  await signals.close()
})

test('the interpreter asks the system for the very port, and ends with the line', async () => {
  const pty = await openPseudoTerminal()
  const port = await open(pty.path, 'r+')
  try {
    const signals = await interpreterSignals(port.fd)
    // A pseudo terminal has no such lines, and the system says so.
    await expect(signals.set(reset)).rejects.toThrow('does not set DTR and RTS')
    await expect(signals.set(reset)).rejects.toThrow('does not set DTR and RTS')
    await signals.close()
  } finally {
    await port.close()
    await pty.stop()
  }
})
