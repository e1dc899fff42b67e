import { expect, test } from 'vitest'
import { addressFor, connectLines } from './connect-lines.ts'

const addresses = { mqtts: 'mqtts://10.0.0.5:8883', passwordMqtts: null, websocket: null }

test('certificates connect where gateways do, passwords at their own listener', () => {
  expect(addressFor(addresses, 'certificate')).toBe('mqtts://10.0.0.5:8883')
  expect(addressFor(addresses, 'password')).toBeNull()
})

test('only what the client may do has a line, and IPv6 addresses are without brackets', () => {
  const sign = { username: 'scada', password: 'a1' }
  const may = { rights: 'both' as const, prefix: 'clients/scada', topics: ['mw/+/telemetry'] }
  expect(connectLines('mqtts://10.0.0.5:8884', sign, may)).toEqual([
    {
      what: 'subscribe',
      command: "mosquitto_sub -h 10.0.0.5 -p 8884 --cafile ca.crt -u scada -P 'a1' -v -t 'mw/+/telemetry'",
    },
    {
      what: 'publish',
      command:
        "mosquitto_pub -h 10.0.0.5 -p 8884 --cafile ca.crt -u scada -P 'a1' -t 'clients/scada/hello' -m 'it works'",
    },
  ])
  const reading = connectLines('mqtts://[fd00::5]:8883', 'certificate', { ...may, rights: 'read' })
  expect(reading.map(({ command }) => command)).toEqual([
    "mosquitto_sub -h fd00::5 -p 8883 --cafile ca.crt --cert client.crt --key client.key -v -t 'mw/+/telemetry'",
  ])
  expect(
    connectLines('mqtts://plant.local:8884', sign, { ...may, rights: 'write' }).map(({ what }) => what),
  ).toEqual(['publish'])
})
