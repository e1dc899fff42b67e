import { Worker } from 'node:worker_threads'
import { ExpectedError } from '#contract/errors.ts'
import { smallYoungGeneration } from '#platform/threads/worker-limits.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { CertificateSpec } from './certificate-spec.ts'
import type { CrlContent } from './crl.ts'
import type { IssuedCertificate, SignerAnswers, SignerReply, SignerRequest } from './signer.protocol.ts'

/** A CA's certificate (DER) and key (PKCS#8 DER), opened for the signing thread; both are moved there. */
export interface OpenedIssuer {
  certificate: Uint8Array<ArrayBuffer>
  privateKey: Uint8Array<ArrayBuffer>
}

export interface SignerOptions {
  /** Opens a CA's sealed key when the thread needs it: the root's, for example, only for a new issuing CA. */
  openIssuer: (issuerId: string) => Promise<OpenedIssuer>
  onRestarted?: (cause: string) => void
  /** Starts the thread; tests look at it from here. */
  spawn?: () => Worker
}

interface Waiting {
  request: SignerRequest
  attempts: number
  /** A key in it was moved to the thread, so it cannot be asked again. */
  once: boolean
  resolve: (answer: SignerAnswers[keyof SignerAnswers]) => void
  reject: (error: Error) => void
}

/** Enough to keep the thread busy; the rest waits here, where a crash does not touch it. */
const inFlight = 8
/** A request that took the thread down twice is not tried again. */
const attempts = 2
const slowestRestart = 10_000

/** The engine's side of the signing thread: a queue, and a new thread when one dies. */
export class Signer {
  readonly #options: SignerOptions
  readonly #queue: Waiting[] = []
  readonly #sent = new Map<number, Waiting>()
  readonly #loading = new Map<string, Promise<void>>()
  #worker: Worker | null = null
  #restart: NodeJS.Timeout | null = null
  #running = false
  #crashes = 0
  #nextId = 1

  constructor(options: SignerOptions) {
    this.#options = options
  }

  start(): void {
    this.#running = true
    this.#spawn()
  }

  /** Ends the thread; what waits is refused with `site_stopping`. */
  async stop(): Promise<void> {
    this.#running = false
    if (this.#restart) clearTimeout(this.#restart)
    for (const waiting of [...this.#sent.values(), ...this.#queue])
      waiting.reject(new ExpectedError('site_stopping'))
    this.#sent.clear()
    this.#queue.length = 0
    await this.#worker?.terminate()
    this.#worker = null
  }

  /** Makes a key pair and its certificate. @param keepAs the id under which a new CA may sign at once */
  issue(
    spec: CertificateSpec,
    issuerId: string | null,
    keepAs: string | null = null,
  ): Promise<IssuedCertificate> {
    return this.#ask({ op: 'issue', spec, issuerId, keepAs })
  }

  /** A certificate for a key made elsewhere. @param publicKey DER SubjectPublicKeyInfo */
  async issueFor(
    spec: CertificateSpec,
    issuerId: string,
    publicKey: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#ask({ op: 'issueFor', spec, issuerId, publicKey })).certificate
  }

  async signCrl(issuerId: string, content: CrlContent): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#ask({ op: 'signCrl', issuerId, content })).der
  }

  /** Drops a CA's key from the thread: the root's, once its issuing CAs are made. */
  async forgetIssuer(issuerId: string): Promise<void> {
    await this.#ask({ op: 'forgetIssuer', issuerId })
  }

  /** @throws ExpectedError `crypto_self_test_failed` */
  async selfTest(now: number): Promise<void> {
    await this.#ask({ op: 'selfTest', now })
  }

  #ask<R extends SignerRequest>(request: R, first = false): Promise<SignerAnswers[R['op']]> {
    if (!this.#running) return Promise.reject(new ExpectedError('site_stopping'))
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        request,
        attempts: 0,
        once: request.op === 'addIssuer',
        resolve: resolve as Waiting['resolve'],
        reject,
      }
      if (first) this.#queue.unshift(waiting)
      else this.#queue.push(waiting)
      this.#pump(first)
    })
  }

  #pump(urgent = false): void {
    // An issuer that sent requests wait for must get through although they fill the window.
    while (this.#worker && this.#queue.length > 0 && (urgent || this.#sent.size < inFlight)) {
      urgent = false
      const waiting = this.#queue.shift()
      if (!waiting) return
      const id = this.#nextId++
      waiting.attempts++
      this.#sent.set(id, waiting)
      const { request } = waiting
      const moved = request.op === 'addIssuer' ? [request.privateKey.buffer] : []
      this.#worker.postMessage({ id, request }, moved)
    }
  }

  #spawn(): void {
    const worker = (this.#options.spawn ?? spawnSigner)()
    this.#worker = worker
    let cause = 'it ended by itself'
    worker.on('message', (reply: SignerReply) => {
      this.#crashes = 0
      this.#settle(reply)
    })
    worker.on('error', (error: Error) => {
      cause = error.message
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#replace(cause)
    })
    this.#pump()
  }

  #settle(reply: SignerReply): void {
    const waiting = this.#sent.get(reply.id)
    if (!waiting) return
    this.#sent.delete(reply.id)
    if ('answer' in reply) waiting.resolve(reply.answer)
    else if ('issuerMissing' in reply) void this.#bringIssuer(reply.issuerMissing, waiting)
    else if ('expected' in reply) waiting.reject(new ExpectedError(reply.expected.code, reply.expected.data))
    else waiting.reject(new Error(`The signing thread failed: ${reply.failed}`))
    this.#pump()
  }

  async #bringIssuer(issuerId: string, waiting: Waiting): Promise<void> {
    try {
      await this.#loadIssuer(issuerId)
      if (!this.#running) throw new ExpectedError('site_stopping')
      // Being sent away for a key is no failed attempt.
      waiting.attempts--
      this.#queue.unshift(waiting)
      this.#pump()
    } catch (error) {
      waiting.reject(error as Error)
    }
  }

  /** Once, however many requests wait for it. */
  #loadIssuer(issuerId: string): Promise<void> {
    const loading =
      this.#loading.get(issuerId) ?? this.#openAndAdd(issuerId).finally(() => this.#loading.delete(issuerId))
    this.#loading.set(issuerId, loading)
    return loading
  }

  async #openAndAdd(issuerId: string): Promise<void> {
    const opened = await this.#options.openIssuer(issuerId)
    await this.#ask({ op: 'addIssuer', issuerId, ...opened }, true)
  }

  #replace(cause: string): void {
    this.#worker = null
    if (!this.#running) return
    const lost = [...this.#sent.values()]
    this.#sent.clear()
    for (const waiting of lost.reverse()) {
      if (waiting.once || waiting.attempts >= attempts)
        waiting.reject(new Error(`The signing thread died: ${cause}`))
      else this.#queue.unshift(waiting)
    }
    // At once the first time, then slower and slower: a thread that cannot start must not spin.
    const delay = this.#crashes === 0 ? 0 : Math.min(100 * 2 ** this.#crashes, slowestRestart)
    this.#crashes++
    this.#restart = setTimeout(() => {
      this.#spawn()
      this.#options.onRestarted?.(cause)
    }, delay)
  }
}

/** The real signing thread. */
export function spawnSigner(): Worker {
  return new Worker(workerUrl('./signer.worker', import.meta.url), {
    name: 'signer',
    resourceLimits: smallYoungGeneration,
  })
}
