import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls'
import { MqttClient } from 'mqtt'
import type { SelfTest, SelfTestStep } from '#contract/model/doctor.ts'
import { connackWords } from './connack-words.ts'

export type RouteResult = SelfTest['routes'][number]
type StepResult = RouteResult['steps'][number]

export interface PlayedGateway {
  clientId: string
  username: string | null
  password: string | null
  /** Of what it is sent; null: its dialect has none. */
  subscribe: string | null
  /** Of what it sends. */
  publish: string | null
  /** PEM. */
  certificate: string
  key: string
}

export interface Route {
  host: string
  port: number
  /** `ca.crt`, as gateways have it. */
  ca: string
  /** Null: only as far as its certificate. */
  play: PlayedGateway | null
}

/** Of one step, ms. */
const PATIENCE = 5_000

/** Goes the way of a gateway to one address of the broker, and says how far it came. Never throws. */
export async function testRoute(route: Route): Promise<RouteResult> {
  const { host, port, play } = route
  const run = new Steps()
  const socket = await run.step('tcp', () => openTcp(host, port))
  const secured = socket && (await run.step('tls', () => openTls(socket, route)))
  const trusted = secured && (await run.step('certificate', () => judgeServer(secured, host)))
  if (play !== null && trusted) await playGateway(run, secured, play)
  run.skipRest()
  secured?.destroy()
  socket?.destroy()
  return { host, port, steps: run.steps }
}

async function playGateway(run: Steps, socket: TLSSocket, play: PlayedGateway): Promise<void> {
  const client = await run.step('connect', () => openSession(socket, play))
  if (client === null) return
  const { subscribe, publish } = play
  if (subscribe === null) run.skip('subscribe')
  else await run.step('subscribe', () => subscribed(client, subscribe))
  if (publish === null) run.skip('publish')
  else
    await run.step('publish', () =>
      within(client.publishAsync(publish, '{}', { qos: 1 }).then(() => publish)),
    )
  await client.endAsync().catch(() => undefined)
}

/** What each step says in a few words stands beside it; a step that throws failed. */
class Steps {
  readonly steps: StepResult[] = []

  async step<T>(step: SelfTestStep, run: () => Promise<T>): Promise<T | null> {
    const began = performance.now()
    const took = (): number => Math.round(performance.now() - began)
    try {
      const result = await run()
      const detail = typeof result === 'string' ? result : describe(result)
      this.steps.push({ step, result: 'passed', took: took(), detail })
      return result
    } catch (error) {
      const detail = error instanceof Error ? connackWords(error) : String(error)
      this.steps.push({ step, result: 'failed', took: took(), detail })
      return null
    }
  }

  skip(step: SelfTestStep): void {
    this.steps.push({ step, result: 'skipped', took: 0, detail: null })
  }

  skipRest(): void {
    const done = new Set(this.steps.map(({ step }) => step))
    for (const step of ['tcp', 'tls', 'certificate', 'connect', 'subscribe', 'publish'] as const)
      if (!done.has(step)) this.skip(step)
  }
}

function describe(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('getProtocol' in result)) return null
  const socket = result as TLSSocket
  return `${socket.getProtocol()}, ${socket.getCipher().standardName}`
}

function openTcp(host: string, port: number): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true })
  return ready(socket, 'connect')
}

function openTls(socket: Socket, { host, ca, play }: Route): Promise<TLSSocket> {
  const secured = connectTls({
    socket,
    ca,
    ...(play && { cert: play.certificate, key: play.key }),
    // RFC 6066 3: an address is no server name.
    ...(isIP(host) === 0 && { servername: host }),
    // Judged by itself, in the next step.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
  return ready(secured, 'secureConnect')
}

/** As a gateway with the site's `ca.crt` judges. @returns until when it holds */
async function judgeServer(socket: TLSSocket, host: string): Promise<string> {
  if (!socket.authorized) throw new Error(`not trusted by ca.crt: ${String(socket.authorizationError)}`)
  const certificate = socket.getPeerCertificate()
  const problem = checkServerIdentity(host, certificate)
  if (problem) throw problem
  return `holds for ${host} until ${new Date(certificate.valid_to).toISOString().slice(0, 10)}`
}

function openSession(socket: TLSSocket, play: PlayedGateway): Promise<MqttClient> {
  const { clientId, username, password } = play
  const client = new MqttClient(() => socket, {
    clientId,
    clean: true,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: PATIENCE,
    keepalive: 30,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
  })
  return within(
    new Promise((resolve, reject) => {
      client.once('connect', () => resolve(client))
      client.on('error', reject)
      client.once('close', () => reject(new Error('the broker closed the connection')))
    }),
  )
}

async function subscribed(client: MqttClient, topic: string): Promise<string> {
  const [granted] = await within(client.subscribeAsync(topic, { qos: 1 }))
  // [MQTT-3.9.3-2]
  if (granted === undefined || granted.qos > 2) throw new Error(`${topic} was not granted`)
  return topic
}

async function ready<T extends Socket>(socket: T, event: 'connect' | 'secureConnect'): Promise<T> {
  const opened = new Promise<T>((resolve, reject) => {
    socket.once(event, () => resolve(socket))
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
  try {
    return await within(opened)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1_000} s`)), PATIENCE)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
