import { type Transferable, Worker } from 'node:worker_threads'

import { type FromThread, fromWire } from './job-thread-protocol.ts'

export interface JobThread<Request> {
  url: URL
  /** Structured-cloneable. */
  task: unknown
  signal: AbortSignal
  /** What the thread asks for, one answer each; it goes on when it has the answer, so this is its brake as well. */
  answer(request: Request): Promise<{ value: unknown; transfer?: readonly Transferable[] }>
}

/**
 * Runs what takes much computing on a thread of its own, so that acknowledgements and screens do not wait for it. The
 * thread drives: it asks for what it needs and hands over what it made. Ended by `signal`.
 * @returns what the thread's task returned @throws what it threw; the signal's reason
 */
export async function runJobThread<Request, Result>(thread: JobThread<Request>): Promise<Result> {
  const { url, task, signal, answer } = thread
  signal.throwIfAborted()
  const worker = new Worker(url, { workerData: task })
  const end = (): void => void worker.terminate()
  signal.addEventListener('abort', end, { once: true })
  try {
    return await new Promise<Result>((resolve, reject) => {
      worker.on('message', (message: FromThread<Request, Result>) => {
        if (message.type === 'done') resolve(message.result)
        else if (message.type === 'failed') reject(fromWire(message.error))
        else
          answer(message.request).then(
            ({ value, transfer = [] }) => worker.postMessage({ id: message.id, value }, transfer),
            reject,
          )
      })
      worker.on('error', reject)
      worker.on('exit', (code) =>
        reject(signal.aborted ? signal.reason : new Error(`the thread of a job ended with code ${code}`)),
      )
    })
  } finally {
    signal.removeEventListener('abort', end)
    await worker.terminate()
  }
}
