import { expect, test } from 'vitest'
import { chooseHost, type Machine } from './choose-host.ts'

const linux: Machine = { platform: 'linux', env: {}, uid: 1000, args: [] }

test.each<[string, Machine, string]>([
  ['no display', linux, 'there is no display'],
  ['root', { ...linux, env: { DISPLAY: ':0' }, uid: 0 }, 'the desktop does not run as root'],
  [
    'the demo',
    { ...linux, env: { DISPLAY: ':0' }, args: ['--demo'] },
    'the demo is a throw-away site for the browser',
  ],
  ['asked for', { ...linux, platform: 'win32', uid: undefined, args: ['--site'] }, '--site asks for it'],
  [
    'another system',
    { ...linux, platform: 'freebsd', env: { DISPLAY: ':0' } },
    'there is no desktop for freebsd',
  ],
  [
    'a remote session',
    { ...linux, platform: 'darwin', env: { SSH_CONNECTION: 'x' } },
    'this is a remote session',
  ],
])('serves the site host: %s', (_name, machine, why) => {
  expect(chooseHost(machine)).toEqual({ host: 'site', why })
})

test.each<[string, Machine]>([
  ['X11', { ...linux, env: { DISPLAY: ':0' } }],
  ['Wayland', { ...linux, env: { WAYLAND_DISPLAY: 'wayland-0' } }],
  ['X11 forwarded over SSH', { ...linux, env: { DISPLAY: 'localhost:10.0', SSH_CONNECTION: 'x' } }],
  ['Windows', { platform: 'win32', env: {}, uid: undefined, args: [] }],
  ['macOS', { platform: 'darwin', env: {}, uid: 501, args: [] }],
])('starts the desktop: %s', (_name, machine) => {
  expect(chooseHost(machine)).toEqual({ host: 'desktop' })
})
