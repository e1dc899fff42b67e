import type { MessagePort } from 'node:worker_threads'
import type {
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
import { type ErrorCode, type ErrorData, ExpectedError } from '#contract/errors.ts'
import type { TapOptions, TappedMessage, TopicUse } from '#contract/model/tapped.ts'

/** `BrokerOptions` as the worker gets them: with an open port in place of the function that opens one. */
export interface BrokerStart extends Omit<BrokerOptions, 'openIngest'> {
  ingest: MessagePort
  /** Of the plain listener that only tests have. */
  plainPort: number | null
}

/** What the main thread asks of the worker; each is answered once. */
export interface BrokerCalls {
  start(start: BrokerStart): Promise<BrokerAddresses>
  stop(deadline: number): Promise<void>
  applyPolicy(changes: PolicyChange[]): Promise<void>
  replaceCredentials(credentials: ServerCredentials): Promise<void>
  publish(message: SiteMessage): Promise<void>
  confirmMessage(receipt: string): Promise<void>
  forget(gatewayId: string): Promise<void>
  replaceIngest(port: MessagePort): Promise<void>
  stats(): Promise<BrokerStats>
  openListeners(listeners: OptionalListeners): Promise<BrokerAddresses>
  connections(): Promise<BrokerConnection[]>
  disconnect(connectionId: string): Promise<boolean>
  tap(options: TapOptions | null): Promise<void>
  refusedMessages(): Promise<TappedMessage[]>
  topicUse(topic: string): Promise<TopicUse | null>
}

export type CallName = keyof BrokerCalls
export type CallInput<N extends CallName> = Parameters<BrokerCalls[N]>
export type CallOutput<N extends CallName> = Awaited<ReturnType<BrokerCalls[N]>>

export interface Call<N extends CallName = CallName> {
  id: number
  name: N
  input: CallInput<N>
}

/** An error on its way between threads: a code and its data, or the stack of a bug. */
export type Failure = { code: ErrorCode; data: ErrorData } | { bug: string }

export type FromWorker =
  | { type: 'answered'; id: number; output: unknown }
  | { type: 'failed'; id: number; failure: Failure }
  | { type: 'events'; events: BrokerEvent[] }

export function toFailure(error: unknown): Failure {
  if (error instanceof ExpectedError) return { code: error.code, data: error.data }
  return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

export function fromFailure(failure: Failure): Error {
  if ('code' in failure) return new ExpectedError(failure.code, failure.data)
  return new Error(`in the broker's worker: ${failure.bug}`)
}
