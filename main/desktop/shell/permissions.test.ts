import { expect, test } from 'vitest'
import { decidePermission } from './permissions.ts'

const site = 'https://10.0.0.5:8443'

test('the UI copies text and fills the screen', () => {
  expect(decidePermission('clipboard-sanitized-write', 'app://ui/fleet', null)).toBe(true)
  expect(decidePermission('fullscreen', `${site}/trends`, site)).toBe(true)
})

test.each([
  'media',
  'geolocation',
  'notifications',
  'usb',
  'serial',
  'clipboard-read',
  'openExternal',
  'unknown',
])('no page gets %s', (permission) => {
  expect(decidePermission(permission, 'app://ui/', null)).toBe(false)
})

test.each(['https://example.com/', 'app://shell/crash', 'app://uix/', '', 'https://10.0.0.5:8444/'])(
  'nothing for %j',
  (url) => {
    expect(decidePermission('fullscreen', url, site)).toBe(false)
  },
)
