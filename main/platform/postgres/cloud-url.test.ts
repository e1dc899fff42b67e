import { expect, test } from 'vitest'
import { cloudUrlText, parseAdministratorUrl, parseCloudUrl } from './cloud-url.ts'

test.each([
  [
    'postgres://site@db.example/plant',
    { host: 'db.example', port: 5432, database: 'plant', username: 'site' },
  ],
  ['postgresql://a@10.0.0.7:6432/p', { host: '10.0.0.7', port: 6432, database: 'p', username: 'a' }],
  ['POSTGRES://a@DB:1/p', { host: 'db', port: 1, database: 'p', username: 'a' }],
  ['postgres://a@[fd00::5]:5432/p', { host: 'fd00::5', port: 5432, database: 'p', username: 'a' }],
  [
    'postgres://a@bücher.example/p',
    { host: 'xn--bcher-kva.example', port: 5432, database: 'p', username: 'a' },
  ],
  ['postgres://a%40b@db/p%20q', { host: 'db', port: 5432, database: 'p q', username: 'a@b' }],
  ['  postgres://a@db/p?sslmode=verify-full  ', { host: 'db', port: 5432, database: 'p', username: 'a' }],
])('%s', (text, url) => {
  expect(parseCloudUrl(text)).toEqual(url)
  expect(parseCloudUrl(cloudUrlText(url))).toEqual(url)
})

test.each([
  ['', 'begin'],
  ['db.example', 'begin'],
  ['https://a@db/p', 'begin'],
  ['postgres://a:secret@db/p', 'password'],
  ['postgres://db/p', 'user'],
  ['postgres://a@db', 'database'],
  ['postgres://a@db/', 'database'],
  ['postgres://a@db/p/q', 'slash'],
  ['postgres:///p', 'is missing'],
  ['postgres://a@/p', 'no URL'],
  ['postgres://a@db:0/p', 'port'],
  ['postgres://a@db:99999/p', 'no URL'],
  ['postgres://a@one,two/p', 'several'],
  ['postgres://a@%2Fvar%2Frun/p', 'socket'],
  ['postgres://a@-x/p', 'name'],
  ['postgres://a@db/p?sslmode=require', 'verify-full'],
  ['postgres://a@db/p?sslmode=disable', 'verify-full'],
  ['postgres://a@db/p?options=-csearch_path%3Devil', 'options'],
  ['postgres://a@db/p?host=other', 'host'],
  ['postgres://a@db/p#x', '#'],
  ['postgres://a@db/p%00q', 'NUL'],
  ['postgres://a@db/p%ff', '%'],
  ['postgres://a@d\nb/p', 'invisible'],
])('%j is refused: %s', (text, word) => {
  const refusal = expect.objectContaining({
    code: 'cloud_url_invalid',
    data: { problem: expect.stringContaining(word) },
  })
  expect(() => parseCloudUrl(text)).toThrow(refusal)
})

test('an administrator may give the password in it, and no refusal repeats it', () => {
  expect(parseAdministratorUrl('postgres://a:s%3Aecret@db/p')).toMatchObject({ password: 's:ecret' })
  expect(parseAdministratorUrl('postgres://a@db/p').password).toBeNull()
  for (const text of ['postgres://a:hidden@db/p', 'postgres://a:hidden@db/p#x', 'postgres://a:hidden@db']) {
    try {
      parseCloudUrl(text)
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('hidden')
    }
  }
})
