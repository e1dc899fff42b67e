import { expect, test } from 'vitest'
import { decidePermission } from './permissions.ts'

const site = 'https://10.0.0.5:8443'

test('the UI copies text and fills the screen', () => {
  expect(decidePermission('clipboard-sanitized-write', 'app://ui/fleet', null)).toBe(true)
  expect(decidePermission('fullscreen', `${site}/trends`, site)).toBe(true)
})

test('the UI reads QR codes with the camera, and nobody hears anything', () => {
  expect(decidePermission('media', 'app://ui/claims', null, ['video'])).toBe(true)
  expect(decidePermission('media', `${site}/claims`, site, ['video'])).toBe(true)
  expect(decidePermission('media', 'app://ui/claims', null, ['audio', 'video'])).toBe(false)
  expect(decidePermission('media', 'app://ui/claims', null, ['unknown'])).toBe(false)
  expect(decidePermission('media', 'https://example.com/', site, ['video'])).toBe(false)
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
