import { parentPort } from 'node:worker_threads'
import { MqttHost } from './mqtt/mqtt-host.ts'
import type { BrokerEvent } from './port.ts'
import { type BrokerCalls, type Call, type CallName, type FromWorker, toFailure } from './worker/protocol.ts'

/**
 * Entry of the broker's worker: answers the calls of `create-broker.ts` and sends events, one message for all of a turn. An
 * error that nobody caught ends the worker, and the main thread starts another.
 */
const port = parentPort
if (!port) throw new Error('this is the entry of a worker')

const send = (message: FromWorker): void => port.postMessage(message)
let events: BrokerEvent[] = []

const host: BrokerCalls = new MqttHost((event) => {
  if (events.push(event) > 1) return
  setImmediate(flushEvents)
}, Date.now)

function flushEvents(): void {
  if (events.length > 0) send({ type: 'events', events })
  events = []
}

async function answer<N extends CallName>({ id, name, input }: Call<N>): Promise<void> {
  try {
    const call = host[name] as (...input: unknown[]) => Promise<unknown>
    const output = await call.apply(host, input)
    // What happened during a call is told before its answer.
    flushEvents()
    send({ type: 'answered', id, output })
  } catch (error) {
    flushEvents()
    send({ type: 'failed', id, failure: toFailure(error) })
  }
}

port.on('message', (call: Call) => void answer(call))
