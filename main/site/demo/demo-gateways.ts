import { connect } from 'mqtt'
import type { RestClient } from '#client/rest-client.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import type { SimulatedChannel } from '#simulator/meters.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'

const INTERVAL = 1_000
const TROUBLE_AFTER = 4_000
const KNOCK_EVERY = 20_000

/** A well gateway: a message a second. */
export function liveGateway(
  credentials: GatewayCredentials,
  channels: readonly SimulatedChannel[],
  now: () => number,
): SimulatedGateway {
  return new SimulatedGateway({ credentials, channels, interval: INTERVAL, fault: null, now })
}

/** Comes online, and a few seconds later its power fails. */
export async function failPower(gateway: SimulatedGateway, signal: AbortSignal): Promise<void> {
  gateway.start()
  await pause(TROUBLE_AFTER, signal)
  gateway.cutPower()
}

/** Comes online, and an operator takes it out of service. */
export async function suspend(
  gateway: SimulatedGateway,
  client: RestClient,
  signal: AbortSignal,
): Promise<void> {
  gateway.start()
  await pause(TROUBLE_AFTER, signal)
  if (signal.aborted) return
  await client.gateways.suspend({
    gateway: gateway.credentials.gatewayId,
    reason: 'Replaced, out of service until it is removed',
  })
  await gateway.stop()
}

/** Somebody copied the configuration of another box: its certificate is right, its client id is not. */
export async function knockWithWrongName(
  credentials: GatewayCredentials,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { host, port, certificate, privateKey, ca } = credentials
    const client = connect({
      protocol: 'mqtts',
      host,
      port,
      cert: certificate,
      key: privateKey,
      ca,
      clientId: 'gatehouse-old',
      reconnectPeriod: 0,
    })
    client.on('error', () => {})
    await new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.end(true)
    await pause(KNOCK_EVERY, signal)
  }
}

/** Ends early, without an error, when the demo stops. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    if (signal.aborted) end()
  })
}
