import { describe, expect, it } from 'vitest'
import { publishCommand, siteHost, telemetryTopic } from './connect-command.ts'
import { groupedHex, shortHex } from './hex.ts'

const canonical = {
  dialect: 'canonical' as const,
  wireName: '3c71bf4a9e03',
  mac: '3c:71:bf:4a:9e:03',
  host: '10.20.4.10',
  port: 8883,
}

describe('connect command', () => {
  it('publishes to the topic of the dialect, as the client that the certificate names', () => {
    expect(telemetryTopic(canonical)).toBe('mw/3c71bf4a9e03/telemetry')
    expect(telemetryTopic({ ...canonical, dialect: 'tds' })).toBe(
      'tds_new/devices/3c:71:bf:4a:9e:03/telemetry',
    )
    const command = publishCommand(canonical)
    expect(command).toContain('-h 10.20.4.10 -p 8883 -i 3c71bf4a9e03')
    expect(
      command
        .split('\n')
        .slice(0, -1)
        .every((line) => line.endsWith('\\')),
    ).toBe(true)
    expect(publishCommand({ ...canonical, dialect: 'tds' })).toContain('"valor": 21.4')
  })

  it('names a host that other machines reach', () => {
    expect(siteHost({ addresses: ['127.0.0.1', '10.20.4.10'], names: [] })).toBe('10.20.4.10')
    expect(siteHost({ addresses: ['127.0.0.1'], names: ['localhost', 'plant.local'] })).toBe('plant.local')
    expect(siteHost({ addresses: ['127.0.0.1'], names: [] })).toBe('127.0.0.1')
    expect(siteHost({ addresses: ['0.0.0.0'], names: ['plant.local'] })).toBe('plant.local')
  })
})

describe('hex', () => {
  it('shortens what is long and groups the whole', () => {
    expect(shortHex('5E410CA7112233449bd2')).toBe('5e:41:0c:a7:11:…:9b:d2')
    expect(shortHex('5e410ca7')).toBe('5e:41:0c:a7')
    expect(groupedHex('b71f09ce')).toBe('b71f 09ce')
  })
})
