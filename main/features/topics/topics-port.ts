import type { FleetRow } from '#contract/model/gateway.ts'
import type { TapOptions, TappedMessage, TopicUse } from '#contract/model/tapped.ts'

/** What this feature needs of the broker. */
export interface TopicsBroker {
  tap(options: TapOptions | null): Promise<void>
  refusedMessages(): Promise<TappedMessage[]>
  topicUse(topic: string): Promise<TopicUse | null>
  publish(message: {
    topic: string
    payload: Uint8Array<ArrayBuffer>
    qos: 0 | 1
    retain: boolean
  }): Promise<void>
}

/** What is shown of a gateway, and whose it is. */
export type GatewayOf = (id: string) => FleetRow | undefined
