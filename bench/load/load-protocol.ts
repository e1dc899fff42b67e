/** Messages between a benchmark and its load generator, which runs in its own process. */

export interface LoadGateway {
  clientId: string
  topic: string
  /** PEM: leaf and issuing CA. */
  certificate: string
  /** PEM. */
  privateKey: string
}

export interface LoadTarget {
  host: string
  port: number
  /** PEM. */
  ca: string
}

export type LoadRequest =
  | { do: 'prepare'; gateways: LoadGateway[]; target: LoadTarget }
  /** Connects those that are not: `resume` with the TLS sessions they have. At most `atOnce` handshakes in flight. */
  | { do: 'connect'; resume: boolean; atOnce: number }
  /** Open loop: `rate` messages a second over all gateways, for `seconds`; then waits for what is in flight. */
  | { do: 'publish'; rate: number; seconds: number; warmUp: number }
  | { do: 'cut' }
  | { do: 'close' }

export type LoadAnswer =
  | { ok: false; cause: string }
  | { ok: true; connect: ConnectResult }
  | { ok: true; publish: PublishResult }
  | { ok: true }

export interface ConnectResult {
  /** Until the last of them was in. */
  seconds: number
  /** Attempts that failed and were made again. */
  retries: number
  /** Not in at all. */
  missing: number
  /** Of the first failure. */
  cause: string | null
}

export interface PublishResult {
  /** Messages that fell due. */
  due: number
  sent: number
  acknowledged: number
  /** Seconds until the last acknowledgement. */
  seconds: number
  /** Due but not sent when the time was over, for 20 were in flight. */
  unsent: number
  lost: number
  /** ms from the scheduled send to PUBACK, after the warm-up; null without any. */
  p50: number | null
  p99: number | null
  p999: number | null
}
