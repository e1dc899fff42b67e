import { expect, test } from 'vitest'
import { openError } from './open-error.ts'

/** As serialport 13 passes on what Linux, macOS and Windows say. */
test.each([
  ['Error: No such file or directory, cannot open /dev/ttyUSB9', 'port_unknown'],
  ['Error: No such device, cannot open /dev/ttyUSB9', 'port_unknown'],
  ['Error: No such device or address, cannot open /dev/ttyUSB9', 'port_unknown'],
  ['Opening COM9: File not found', 'port_unknown'],
  ['Error Resource temporarily unavailable Cannot lock port', 'port_busy'],
  ['Error: Device or resource busy, cannot open /dev/ttyUSB9', 'port_busy'],
  ['Error: Resource busy, cannot open /dev/cu.usbserial-9', 'port_busy'],
  ['Opening COM9: Access denied', 'port_busy'],
  ['Error: Permission denied, cannot open /dev/ttyUSB9', 'port_denied'],
  ['Error: Operation not permitted, cannot open /dev/ttyUSB9', 'port_denied'],
  ['Error: Input/output error, cannot open /dev/ttyUSB9', 'port_failed'],
  ['Opening COM9: Unknown error code 31', 'port_failed'],
])('%s', async (text, code) => {
  const cause = new Error(text)
  const error = await openError('/dev/ttyUSB9', cause)
  expect(error).toMatchObject({ code, data: { port: '/dev/ttyUSB9' }, cause })
  expect(error.message).not.toContain('?')
})
