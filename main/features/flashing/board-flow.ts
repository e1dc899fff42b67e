import { ExpectedError } from '#contract/errors.ts'
import type { FlashedRegion } from '#contract/model/board.ts'
import type { FlashStep } from '#contract/model/flash.ts'
import { auditActor } from '#features/access/index.ts'
import { AuditDraft } from '#features/audit/index.ts'
import type { GatewayPublicKey } from '#features/pki/index.ts'
import { awaitGateway } from './await-gateway.ts'
import type { BoardSession, MonitorSession } from './bench-port.ts'
import { committedCredential } from './committed-credential.ts'
import type { FlashJobRow } from './flash-jobs.repository.ts'
import type { FlowOf, FlowTools } from './flow-tools.ts'
import { giveCertificate, hasIdentity, readOwnKey } from './own-key.ts'
import { forget, type PreparedBoard, prepareBoard } from './prepare-board.ts'

/** The boot log's speed. */
const MONITOR_BAUD = 115_200

interface Written {
  board: PreparedBoard
  regions: FlashedRegion[]
}

/**
 * One board on its way to a gateway. Each step is in the store before it is done. Until the gateway and its credential are
 * stored, in one transaction with the job, nothing counts: they are in this object and on the board. From then on the way
 * goes on, by a retry or by the next start of the site, without writing again.
 */
export class BoardFlow {
  readonly #tools: FlowTools
  readonly #of: FlowOf
  #step: FlashStep = 'connecting'
  #session: BoardSession | null = null
  #monitor: MonitorSession | null = null

  constructor(tools: FlowTools, of: FlowOf) {
    this.#tools = tools
    this.#of = of
  }

  get step(): FlashStep {
    return this.#step
  }

  /** The whole way from a board. @throws ExpectedError what went wrong; the port is closed then */
  async flash(path: string): Promise<void> {
    try {
      const prepared = await this.#enrolled(await this.#write(path))
      // Whatever it says from its first word on is heard.
      await this.#await(path, { isThere: false }, async () => {
        if (this.#monitor) {
          await giveCertificate(this.#monitor, prepared.certificatePem ?? '')
          return this.#monitor
        }
        this.#monitor = await this.#required().reboot()
        this.#session = null
        return this.#monitor
      })
    } finally {
      await this.#close()
    }
  }

  async #enrolled(written: Written): Promise<{ certificatePem: string | null }> {
    try {
      if (written.board.firmware.keyOnChip) return { certificatePem: await this.#withOwnKey(written) }
      await this.#commit(written, null)
      return { certificatePem: null }
    } finally {
      forget(written.board)
    }
  }

  /** What is left to do of a job whose gateway stands. @param path null: its board is not plugged in, or need not be */
  async goOn(path: string | null): Promise<void> {
    try {
      this.#step = 'booting'
      const job = await this.#job()
      const isThere = job.gatewayId !== null && this.#tools.isOnline(job.gatewayId)
      await this.#await(path, { isThere }, async () => {
        if (path === null || isThere) return null
        this.#monitor = await this.#tools.bench.openMonitor(path, { baud: MONITOR_BAUD })
        await this.#monitor.reset()
        await this.#giveMissingCertificate(job, this.#monitor)
        return this.#monitor
      })
    } finally {
      await this.#close()
    }
  }

  async #write(path: string): Promise<Written> {
    const { bench, book, ports } = this.#tools
    const { jobId, run, signal } = this.#of
    const { setup } = run
    const session = await bench.openBoard(path, {
      baud: setup.speed,
      signal,
      onTry: (tries) => void book.change(jobId, { tries }).catch(() => {}),
      onLog: (text) => this.#log(text),
    })
    this.#session = session
    const { board } = session
    this.#log(`${board.model}, revision ${board.revision ?? 'unknown'}, ${board.mac}`)
    await book.change(jobId, { board: JSON.stringify(board), mac: board.mac })
    ports.identified(path, board.mac)
    await this.#enter('preparing')
    const prepared = await prepareBoard(this.#tools, this.#of, board)
    try {
      return { board: prepared, regions: await this.#writePrepared(session, prepared) }
    } catch (error) {
      forget(prepared)
      throw error
    }
  }

  async #writePrepared(session: BoardSession, prepared: PreparedBoard): Promise<FlashedRegion[]> {
    const { book } = this.#tools
    const { jobId, run } = this.#of
    const { parts, firmware } = prepared
    this.#log(`It becomes ${prepared.identity.code} with ${firmware.name} ${firmware.version}`)
    const onProgress = (progress: Parameters<typeof book.progress>[1]) => book.progress(jobId, progress)
    await this.#enter('erasing')
    if (run.setup.eraseAll) await session.eraseAll()
    await this.#enter('writing')
    await session.write(parts, onProgress)
    await this.#enter('verifying')
    const regions = await session.verify(parts, onProgress)
    await book.change(jobId, { regions: JSON.stringify(regions), firmware: JSON.stringify(firmware) })
    return regions
  }

  /** The board starts without a credential and makes its key. @returns the certificate for it, PEM */
  async #withOwnKey({ board, regions }: Written): Promise<string | null> {
    const { enrollment } = this.#tools
    await this.#enter('booting')
    const monitor = await this.#required().reboot()
    this.#session = null
    this.#monitor = monitor
    const stop = this.#follow(monitor)
    try {
      const publicKey = await readOwnKey(this.#tools, monitor, this.#of.signal)
      this.#log('The board made its key')
      const identity = await enrollment.certify(board.identity, publicKey)
      await this.#commit({ board: { ...board, identity }, regions }, publicKey)
      return identity.credential.chainPem
    } finally {
      stop()
    }
  }

  /** From here on it is a gateway: with its job, in one transaction, or not at all. */
  async #commit(
    { board: { order, identity }, regions }: Written,
    publicKey: GatewayPublicKey | null,
  ): Promise<void> {
    const { enrollment, book, clock, log } = this.#tools
    const { jobId, caller, signal, run } = this.#of
    signal.throwIfAborted()
    const draft = new AuditDraft({
      actor: auditActor(caller.actor),
      action: 'gateway.flash',
      address: '',
      requestId: null,
    })
    draft.details = { run: run.name, regions: regions.length }
    const certificate = identity.credential.certificate?.row ?? null
    try {
      await enrollment.enroll(
        { ...order, prepared: identity, ...(publicKey && { publicKey }) },
        caller.scope,
        draft,
        async (trx, made) => {
          await book.changeIn(trx, jobId, {
            committedAt: clock.now(),
            gatewayId: made.gatewayId,
            code: made.code,
            again: made.again ? 1 : 0,
            serial: made.serial,
            fingerprint: certificate?.fingerprint ?? null,
            step: 'booting',
          })
        },
      )
    } catch (err) {
      if ((await book.refresh(jobId)).committedAt === null) throw err
      // The gateway stands; what came after its transaction is done again by the housekeeping.
      log.warn({ err, jobId }, 'a gateway was flashed, but not all of its enrollment was told')
    }
    await book.refresh(jobId)
    this.#log(`${identity.code} is enrolled`)
  }

  async #await(
    path: string | null,
    { isThere }: { isThere: boolean },
    start: () => Promise<MonitorSession | null>,
  ): Promise<void> {
    const job = await this.#job()
    await awaitGateway(this.#tools, this.#of, {
      job,
      credential: await committedCredential(job, (id) => this.#tools.secretOf(id)),
      path,
      isThere,
      start,
      enter: (step) => this.#enter(step),
      follow: (monitor) => {
        this.#monitor = monitor
        return this.#follow(monitor)
      },
      log: (text) => this.#log(text),
    })
  }

  /** A board with its own key that lost its line before the certificate came. */
  async #giveMissingCertificate(job: FlashJobRow, monitor: MonitorSession): Promise<void> {
    const firmware = JSON.parse(job.firmware ?? '{}') as Partial<PreparedBoard['firmware']>
    if (firmware.keyOnChip !== true || job.gatewayId === null) return
    if (await hasIdentity(monitor, this.#of.signal)) return
    const pem = await this.#tools.certificateOf(job.gatewayId)
    if (pem !== null) await giveCertificate(monitor, pem)
  }

  /** What the board says goes into the log of its job. */
  #follow(monitor: MonitorSession): () => void {
    const { book } = this.#tools
    const { jobId } = this.#of
    return monitor.onLines((lines) => {
      for (const { text, at } of lines) book.logs.add(jobId, 'board', text, at)
      const words = lines.findLast(({ text }) => text.trim() !== '')?.text.trim()
      if (words !== undefined) book.says(jobId, words.replace(/^mw: /, ''))
    })
  }

  async #enter(step: FlashStep): Promise<void> {
    this.#of.signal.throwIfAborted()
    if (step === this.#step && step !== 'booting') return
    this.#step = step
    await this.#tools.book.change(this.#of.jobId, { step })
    this.#log(step)
  }

  #job(): Promise<FlashJobRow> {
    return this.#tools.book.require({ all: true }, this.#of.jobId)
  }

  #log(text: string): void {
    this.#tools.book.logs.add(this.#of.jobId, 'bench', text)
  }

  #required(): BoardSession {
    if (!this.#session) throw new ExpectedError('flasher_stopped')
    return this.#session
  }

  /** In every outcome. */
  async #close(): Promise<void> {
    const { log } = this.#tools
    for (const open of [this.#session, this.#monitor]) {
      await open?.close().catch((err: unknown) => log.warn({ err }, 'a serial port did not close cleanly'))
    }
    this.#session = null
    this.#monitor = null
  }
}
