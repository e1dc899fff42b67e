import { type MessagePort, Worker } from 'node:worker_threads'
import type {
  Broker,
  BrokerAddresses,
  BrokerConnection,
  BrokerEvent,
  BrokerOptions,
  BrokerStats,
  ListenerAddress,
  OptionalListeners,
  PolicyChange,
  ServerCredentials,
  SiteMessage,
} from '#broker/port.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { TapOptions, TappedMessage, TopicUse } from '#contract/model/tapped.ts'
import { OnlineBook } from './online-book.ts'
import { PolicySnapshot } from './policy-snapshot.ts'
import type { CallInput, CallName, CallOutput } from './protocol.ts'
import { WorkerCalls } from './worker-calls.ts'

/** Thousands of idle connections cost 20 MB less with a young generation this small, for a few percent of time. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 }
const RESTART_FIRST = 250
const RESTART_LAST = 10_000
/** A worker that lived this long starts the back-off anew, ms. */
const HEALTHY_AFTER = 60_000

/**
 * The main thread's side of the broker. It knows what the worker was told, so that a worker that dies is started again with
 * the newest policy, credentials and ports; gateways connect again by themselves and send again what was not acknowledged.
 */
export class WorkerBroker implements Broker {
  private readonly workerUrl: URL
  private readonly plainPort: number | null
  private readonly listeners: ((event: BrokerEvent) => void)[] = []
  private readonly policy = new PolicySnapshot(Date.now)
  private readonly online = new OnlineBook()
  private options: BrokerOptions | null = null
  private addresses: BrokerAddresses | null = null
  private worker: Worker | null = null
  private calls: WorkerCalls | null = null
  private restart: NodeJS.Timeout | null = null
  private restartIn = RESTART_FIRST
  private startedAt = 0

  constructor(workerUrl: URL, plainPort: number | null) {
    this.workerUrl = workerUrl
    this.plainPort = plainPort
  }

  on(listener: (event: BrokerEvent) => void): void {
    this.listeners.push(listener)
  }

  async start(options: BrokerOptions): Promise<BrokerAddresses> {
    this.options = options
    this.policy.start(options)
    try {
      this.addresses = await this.startWorker()
      return this.addresses
    } catch (error) {
      this.options = null
      await this.dismiss()
      throw error
    }
  }

  async stop(deadline: number): Promise<void> {
    this.options = null
    if (this.restart) clearTimeout(this.restart)
    const { calls } = this
    if (calls) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadline)))
      // A worker that does not answer is ended all the same: what it did not acknowledge comes again.
      await Promise.race([calls.call('stop', [deadline]).catch(() => {}), late])
      clearTimeout(timer)
    }
    await this.dismiss()
    this.allOffline('site_stopped')
  }

  async applyPolicy(changes: PolicyChange[]): Promise<void> {
    for (const change of changes) this.policy.apply(change)
    // Without a worker no session lives; the next one starts with these.
    if (this.calls) await this.call('applyPolicy', [changes]).catch(unlessRestarting)
  }

  async replaceCredentials(credentials: ServerCredentials): Promise<void> {
    if (this.options) this.options = { ...this.options, credentials }
    if (this.calls) await this.call('replaceCredentials', [credentials]).catch(unlessRestarting)
  }

  async publish(message: SiteMessage): Promise<void> {
    await this.call('publish', [message])
  }

  async confirmMessage(receipt: string): Promise<void> {
    // To a worker that died it says nothing: the gateway sends the message again.
    if (this.calls) await this.calls.call('confirmMessage', [receipt]).catch(unlessRestarting)
  }

  async forget(gatewayId: string): Promise<void> {
    await this.call('forget', [gatewayId])
  }

  async replaceIngest(port: MessagePort): Promise<void> {
    if (this.calls) await this.calls.call('replaceIngest', [port], [port]).catch(unlessRestarting)
    // The next worker asks for a port of its own.
    else port.close()
  }

  async stats(): Promise<BrokerStats> {
    return this.call('stats', [])
  }

  async openListeners(listeners: OptionalListeners): Promise<BrokerAddresses> {
    this.addresses = await this.call('openListeners', [listeners])
    if (this.options) this.options = { ...this.options, listeners }
    return this.addresses
  }

  async connections(): Promise<BrokerConnection[]> {
    return this.call('connections', [])
  }

  async disconnect(connectionId: string): Promise<boolean> {
    return this.call('disconnect', [connectionId])
  }

  async tap(options: TapOptions | null): Promise<void> {
    return this.call('tap', [options])
  }

  async refusedMessages(): Promise<TappedMessage[]> {
    return this.call('refusedMessages', [])
  }

  async topicUse(topic: string): Promise<TopicUse | null> {
    return this.call('topicUse', [topic])
  }

  private async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    if (!this.calls) throw new ExpectedError('broker_restarting', { cause: 'the broker is not running' })
    return this.calls.call(name, input)
  }

  private async startWorker(): Promise<BrokerAddresses> {
    const { options } = this
    if (!options) throw new Error('the broker was stopped')
    const worker = new Worker(this.workerUrl, { name: 'broker', resourceLimits })
    const calls = new WorkerCalls(worker, (event) => this.received(event))
    let cause = 'it ended'
    worker.on(
      'error',
      (error) => (cause = error instanceof Error ? (error.stack ?? error.message) : String(error)),
    )
    worker.once('exit', (code) =>
      this.exited(worker, calls, code === 0 ? cause : `${cause} (exit code ${code})`),
    )
    this.worker = worker
    this.calls = calls
    this.startedAt = performance.now()
    const { openIngest, ...rest } = options
    const ingest = openIngest()
    // After a restart the same ports, even where they were chosen by the system.
    const mqtts = { ...options.mqtts, port: this.addresses?.mqtts[0]?.port ?? options.mqtts.port }
    const listeners = withPorts(options.listeners ?? { passwordMqtts: null, websocket: null }, this.addresses)
    const plainPort = this.addresses?.plain?.port ?? this.plainPort
    const start = { ...rest, ...this.policy.all, mqtts, listeners, ingest, plainPort }
    return calls.call('start', [start], [ingest])
  }

  private exited(worker: Worker, calls: WorkerCalls, cause: string): void {
    calls.abandon(cause)
    if (this.worker !== worker) return
    this.worker = null
    this.calls = null
    if (!this.options || !this.addresses) return
    this.allOffline('connection_lost')
    if (performance.now() - this.startedAt > HEALTHY_AFTER) this.restartIn = RESTART_FIRST
    this.emit({ type: 'brokerCrashed', at: Date.now(), cause, restartIn: this.restartIn })
    this.restartLater()
  }

  private restartLater(): void {
    this.restart = setTimeout(() => void this.startAgain(), this.restartIn)
    this.restartIn = Math.min(this.restartIn * 2, RESTART_LAST)
  }

  private async startAgain(): Promise<void> {
    try {
      await this.startWorker()
      this.emit({ type: 'brokerRestarted', at: Date.now() })
    } catch {
      // A worker that died on the way is started again by its exit; one that refused to start, here.
      if (!this.worker || !this.options) return
      await this.dismiss()
      if (this.options) this.restartLater()
    }
  }

  private async dismiss(): Promise<void> {
    const { worker } = this
    this.worker = null
    this.calls = null
    await worker?.terminate()
  }

  private received(event: BrokerEvent): void {
    this.online.note(event)
    if (event.type === 'tenantMessages') this.policy.counted(event.hour, event.counts)
    this.emit(event)
  }

  private allOffline(reason: 'connection_lost' | 'site_stopped'): void {
    for (const event of this.online.clear(Date.now(), reason)) this.emit(event)
  }

  private emit(event: BrokerEvent): void {
    for (const listener of this.listeners) listener(event)
  }
}

function withPorts(listeners: OptionalListeners, addresses: BrokerAddresses | null): OptionalListeners {
  const { passwordMqtts, websocket } = listeners
  const at = (wanted: ListenerAddress | null, bound: { port: number } | undefined) =>
    wanted && { ...wanted, port: bound?.port ?? wanted.port }
  return {
    passwordMqtts: at(passwordMqtts, addresses?.passwordMqtts[0]),
    websocket: at(websocket, addresses?.websocket[0]),
  }
}

/** What the worker could not take before it died, its successor is started with. */
function unlessRestarting(error: unknown): void {
  if (!(error instanceof ExpectedError && error.code === 'broker_restarting')) throw error
}
