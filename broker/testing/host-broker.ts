import type { MessagePort } from 'node:worker_threads'
import { MqttHost } from '#broker/mqtt/mqtt-host.ts'
import type {
  Broker,
  BrokerAddresses,
  BrokerConnection,
  BrokerEvent,
  BrokerOptions,
  BrokerStats,
  OptionalListeners,
  PolicyChange,
  ServerCredentials,
  SiteMessage,
} from '#broker/port.ts'
import type { TapOptions, TappedMessage, TopicUse } from '#contract/model/tapped.ts'

/** The broker in this thread instead of a worker, so that a test can set its clock. */
export class HostBroker implements Broker {
  private readonly host: MqttHost
  private readonly listeners: ((event: BrokerEvent) => void)[] = []

  /** @param now ms since 1970 */
  constructor(now: () => number) {
    this.host = new MqttHost((event) => {
      for (const listener of this.listeners) listener(event)
    }, now)
  }

  start({ openIngest, ...options }: BrokerOptions): Promise<BrokerAddresses> {
    return this.host.start({ ...options, ingest: openIngest(), plainPort: null })
  }

  stop(deadline: number): Promise<void> {
    return this.host.stop(deadline)
  }

  applyPolicy(changes: PolicyChange[]): Promise<void> {
    return this.host.applyPolicy(changes)
  }

  replaceCredentials(credentials: ServerCredentials): Promise<void> {
    return this.host.replaceCredentials(credentials)
  }

  publish(message: SiteMessage): Promise<void> {
    return this.host.publish(message)
  }

  confirmMessage(receipt: string): Promise<void> {
    return this.host.confirmMessage(receipt)
  }

  forget(gatewayId: string): Promise<void> {
    return this.host.forget(gatewayId)
  }

  replaceIngest(port: MessagePort): Promise<void> {
    return this.host.replaceIngest(port)
  }

  stats(): Promise<BrokerStats> {
    return this.host.stats()
  }

  openListeners(listeners: OptionalListeners): Promise<BrokerAddresses> {
    return this.host.openListeners(listeners)
  }

  connections(): Promise<BrokerConnection[]> {
    return this.host.connections()
  }

  disconnect(connectionId: string): Promise<boolean> {
    return this.host.disconnect(connectionId)
  }

  tap(options: TapOptions | null): Promise<void> {
    return this.host.tap(options)
  }

  refusedMessages(): Promise<TappedMessage[]> {
    return this.host.refusedMessages()
  }

  topicUse(topic: string): Promise<TopicUse | null> {
    return this.host.topicUse(topic)
  }

  on(listener: (event: BrokerEvent) => void): void {
    this.listeners.push(listener)
  }
}
