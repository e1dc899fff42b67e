import { expect, it } from 'vitest'
import { cloudErrors } from '#contract/error-codes/cloud.ts'
import { fieldOf, loginInput, loginOf, loginProblems, noLogin, splitPassword, urlOf } from './login-form.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const good = { ...noLogin, url: ' postgres://site@db.example/mw ', password: ' p ' }

it('says what is missing before anything is asked', () => {
  expect(loginProblems(noLogin)).toEqual({ url: 'urlMissing', password: 'passwordMissing' })
  expect(loginProblems({ ...good, url: 'db.example' })).toEqual({ url: 'urlForm' })
  expect(loginProblems({ ...good, ca: 'my CA' })).toEqual({ ca: 'caForm' })
  expect(loginProblems({ ...good, url: 'postgresql://a@b/c', ca: PEM })).toEqual({})
})

it('gives the password as it was typed, spaces and all', () => {
  expect(loginInput(good)).toEqual({
    url: 'postgres://site@db.example/mw',
    password: ' p ',
    caCertificate: null,
    insideNetwork: false,
  })
  expect(loginInput({ ...good, ca: `\n${PEM}\n\n` }).caCertificate).toBe(`${PEM}\n`)
})

it('takes a password out of an address', () => {
  expect(splitPassword('postgres://site:s%40x:y@db.example:5432/mw')).toEqual({
    url: 'postgres://site@db.example:5432/mw',
    password: 's@x:y',
  })
  expect(splitPassword('postgres://site:100%@db/mw')?.password).toBe('100%')
  expect(splitPassword('postgres://site:@db/mw')?.password).toBe('')
  expect(splitPassword('postgres://site@db.example:5432/mw')).toBe(null)
  expect(splitPassword('postgres://db.example:5432/mw')).toBe(null)
})

it('writes the address of a cloud as one types it', () => {
  const address = {
    host: 'fd00::1',
    port: 5_432,
    database: 'mw',
    username: 'a@b',
    caCertificate: null,
    insideNetwork: true,
  }
  expect(urlOf(address)).toBe('postgres://a%40b@[fd00::1]:5432/mw')
  expect(loginOf(address)).toEqual({ url: urlOf(address), password: '', ca: '', insideNetwork: true })
})

it('knows where a refusal belongs', () => {
  expect(fieldOf('cloud_login_refused')).toBe('password')
  expect(fieldOf('cloud_certificate_unknown')).toBe('ca')
  expect(fieldOf('cloud_inside_network')).toBe('insideNetwork')
  expect(fieldOf('cloud_schema_missing')).toBe(null)
  // A code that was renamed would lose its place in silence.
  const placed = Object.keys(cloudErrors).filter((code) => fieldOf(code) !== null)
  expect(placed).toHaveLength(15)
})
