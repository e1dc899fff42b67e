import { expect, test } from 'vitest'
import { decideNavigation, decideNewWindow, type NavigationContext } from './navigation.ts'

const own: NavigationContext = {
  from: 'app://ui/fleet',
  siteOrigins: ['http://localhost:8442', 'https://10.0.0.5:8443'],
  attachedOrigin: null,
}
const crashed: NavigationContext = { from: 'app://shell/crash', siteOrigins: [], attachedOrigin: null }
const attached: NavigationContext = {
  from: 'https://10.0.0.5:8443/fleet',
  siteOrigins: [],
  attachedOrigin: 'https://10.0.0.5:8443',
}
const deny = { kind: 'deny' }

test('the UI moves within itself', () => {
  expect(decideNavigation('app://ui/trends?range=1h', own)).toEqual({ kind: 'allow' })
})

test('pages that the engine serves open in the person’s browser', () => {
  const browser = { kind: 'browser', url: 'http://localhost:8442/api/docs#auth' }
  expect(decideNavigation('app://ui/api/docs#auth', own)).toEqual(browser)
  expect(decideNewWindow('app://ui/api/docs#auth', own)).toEqual(browser)
  expect(decideNewWindow('https://10.0.0.5:8443/pki/ca.crt', own)).toEqual({
    kind: 'browser',
    url: 'https://10.0.0.5:8443/pki/ca.crt',
  })
  expect(decideNavigation('app://ui/api/docs', { ...own, siteOrigins: [] })).toEqual(deny)
})

test.each([
  'https://example.com/',
  'http://localhost:8442.example.com/',
  'http://localhost:9999/',
  'https://localhost:8442/',
  'http://localhost:8442@evil.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,hello',
  'app://shell/quit',
  'app://shell/crash',
  'app://other/',
  'app:///',
  'about:blank',
  'not a url',
])('nothing else: %s', (url) => {
  expect(decideNavigation(url, own)).toEqual(deny)
  expect(decideNewWindow(url, own)).toEqual(deny)
})

test('the crash page asks for commands and for nothing else', () => {
  expect(decideNavigation('app://shell/retry', crashed)).toEqual({ kind: 'command', command: 'retry' })
  expect(decideNavigation('app://shell/open-log', crashed)).toEqual({ kind: 'command', command: 'open-log' })
  expect(decideNavigation('app://shell/format-disk', crashed)).toEqual(deny)
  expect(decideNavigation('app://ui/', crashed)).toEqual(deny)
  expect(decideNewWindow('app://shell/retry', crashed)).toEqual(deny)
})

test('an attached window stays on its site and gives no commands', () => {
  expect(decideNavigation('https://10.0.0.5:8443/trends', attached)).toEqual({ kind: 'allow' })
  expect(decideNavigation('https://10.0.0.5:8444/', attached)).toEqual(deny)
  expect(decideNavigation('app://ui/', attached)).toEqual(deny)
  expect(decideNavigation('app://shell/quit', attached)).toEqual(deny)
})
