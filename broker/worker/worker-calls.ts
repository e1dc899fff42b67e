import type { MessagePort, Worker } from 'node:worker_threads'
import type { BrokerEvent } from '#broker/port.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type CallInput, type CallName, type CallOutput, type FromWorker, fromFailure } from './protocol.ts'

interface Pending {
  resolve: (output: never) => void
  reject: (error: Error) => void
}

/** Calls to one worker and their answers. */
export class WorkerCalls {
  private readonly worker: Worker
  private readonly onEvent: (event: BrokerEvent) => void
  private readonly pending = new Map<number, Pending>()
  private lastId = 0

  constructor(worker: Worker, onEvent: (event: BrokerEvent) => void) {
    this.worker = worker
    this.onEvent = onEvent
    worker.on('message', (message: FromWorker) => this.received(message))
  }

  async call<N extends CallName>(
    name: N,
    input: CallInput<N>,
    transfer: MessagePort[] = [],
  ): Promise<CallOutput<N>> {
    this.lastId += 1
    const id = this.lastId
    const answered = new Promise<CallOutput<N>>((resolve, reject) =>
      this.pending.set(id, { resolve, reject }),
    )
    this.worker.postMessage({ id, name, input }, transfer)
    return answered
  }

  /** The worker is gone: nothing is answered any more. */
  abandon(cause: string): void {
    for (const { reject } of this.pending.values()) reject(new ExpectedError('broker_restarting', { cause }))
    this.pending.clear()
  }

  private received(message: FromWorker): void {
    if (message.type === 'events') {
      for (const event of message.events) this.onEvent(event)
      return
    }
    const pending = this.pending.get(message.id)
    this.pending.delete(message.id)
    if (message.type === 'answered') pending?.resolve(message.output as never)
    else pending?.reject(fromFailure(message.failure))
  }
}
