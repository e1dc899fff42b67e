import { parentPort, type Transferable } from 'node:worker_threads'
import { toWire } from './job-thread-protocol.ts'

/** Asks the engine; resolves with its answer. */
export type Ask<Request> = <Answer>(request: Request, transfer?: readonly Transferable[]) => Promise<Answer>

/** The thread's side of `runJobThread`: runs `work` once; its task is `workerData`. */
export function serveJobThread<Request>(work: (ask: Ask<Request>) => Promise<unknown>): void {
  const port = parentPort
  if (!port) throw new Error('this is the entry of a thread')
  const waiting = new Map<number, (value: never) => void>()
  let lastId = 0
  port.on('message', ({ id, value }: { id: number; value: never }) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  const ask: Ask<Request> = (request, transfer = []) =>
    new Promise((resolve) => {
      const id = ++lastId
      waiting.set(id, resolve)
      port.postMessage({ type: 'ask', id, request }, transfer)
    })
  work(ask).then(
    (result) => port.postMessage({ type: 'done', result }),
    (error: unknown) => port.postMessage({ type: 'failed', error: toWire(error) }),
  )
}
