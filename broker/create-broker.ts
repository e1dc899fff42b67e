import type { Broker } from './port.ts'
import { WorkerBroker } from './worker/worker-broker.ts'

export interface CreateBrokerOptions {
  /** Of `broker.worker.ts` in the sources or `broker.worker.js` in the build. */
  workerUrl: URL
  /**
   * Opens a second listener, plain MQTT on 127.0.0.1 without any authentication (0: a free port), for tests that trace system
   * calls. Nothing in the engine, no setting and no flag leads here.
   */
  plainPortForTests?: number
}

/** The broker, in a worker thread of its own that is started again when it dies. */
export function createBroker({ workerUrl, plainPortForTests }: CreateBrokerOptions): Broker {
  return new WorkerBroker(workerUrl, plainPortForTests ?? null)
}
