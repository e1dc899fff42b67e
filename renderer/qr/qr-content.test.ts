import { describe, expect, it } from 'vitest'
import { readQrContent } from './qr-content.ts'

const token = `mwa_${'aB3_-'.repeat(8)}xyz`
const fingerprint = 'ab'.repeat(32)

describe('what a QR code says of a box', () => {
  it.each([
    token,
    `  ${token}\n`,
    `https://plant-pc:8443/claims?token=${token}`,
    `https://plant-pc:8443/claims#token=${token}`,
    `http://10.0.0.5:8442/claim/${token}`,
    `{"activation_token": "${token}", "expires_in": 86400}`,
    `{"token":"${token}","label":"ESP-A1B2C3"}`,
  ])('finds the activation token in %s', (text) => {
    expect(readQrContent(text)).toEqual({ kind: 'token', token })
  })

  it.each([
    ['ESP-A1B2C3', 'ESP-A1B2C3'],
    ['24:6F:28:A1:B2:C3', '24:6F:28:A1:B2:C3'],
    ['https://plant-pc:8443/label/ESP-A1B2C3', 'ESP-A1B2C3'],
    ['https://plant-pc:8443/label/ESP%2DA1B2C3/', 'ESP-A1B2C3'],
    ['https://vendor.example/setup?device_label=ESM-X1Y2Z3', 'ESM-X1Y2Z3'],
    ['{"id":"0197","label":"ESP-A1B2C3","mac":"24:6f:28:a1:b2:c3","code":"GW001"}', 'ESP-A1B2C3'],
    ['{"mac":"24:6f:28:a1:b2:c3"}', '24:6f:28:a1:b2:c3'],
  ])('finds the label in %s', (text, label) => {
    expect(readQrContent(text)).toEqual({ kind: 'label', label })
  })

  it('reads the code of a box with its own key', () => {
    const content = { deviceId: 'dev-001', fingerprint, publicKey: 'MFkw' }
    expect(readQrContent(JSON.stringify(content))).toEqual({ kind: 'bind', bind: content })
    const spelled = fingerprint.toUpperCase().match(/../g)?.join(':')
    expect(readQrContent(JSON.stringify({ deviceId: 'dev-001', fingerprint: spelled }))).toEqual({
      kind: 'bind',
      bind: { deviceId: 'dev-001', fingerprint },
    })
  })

  it.each([
    '',
    'WIFI:S:plant;T:WPA;P:secret;;',
    'two words',
    'https://example.com/',
    'https://example.com/label/%E0%A4%A',
    'https://',
    '{"half": ',
    '[]',
    '{}',
    '{"token": 7}',
    '{"label": "a b"}',
    'x'.repeat(5_000),
  ])('makes nothing of %j', (text) => {
    expect(readQrContent(text)).toEqual({ kind: 'unknown' })
  })
})
