import { assertNever, ExpectedError } from '#contract/errors.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { seesGateway } from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { FirmwareSource, RequireFit, SerialBench } from '../bench-port.ts'
import { committedCredential } from '../committed-credential.ts'
import type { Contacts, ExpectedCredential } from '../contacts.ts'
import type { BenchFiles } from '../files/bench-files.ts'
import type { FlashJobBook } from '../flash-job-book.ts'
import type { FlashJobRow } from '../flash-jobs.repository.ts'
import type { PortList } from '../port-list.ts'
import { endedError } from '../running-jobs.ts'
import type { ActionCaller, ActionTools, BoardAction, EndState, StoredAction } from './action-tools.ts'
import { awaitContact } from './await-contact.ts'
import { changeFirmware } from './change-firmware.ts'
import { changeSettings, type SettingsTools } from './change-settings.ts'
import { backUp, restore, writeFile } from './whole-flash.ts'

export interface ActionRunDependencies extends SettingsTools {
  db: SiteDb
  log: Log
  audit: AuditService
  bench: Pick<SerialBench, 'openBoard'>
  book: FlashJobBook
  files: BenchFiles
  contacts: Contacts
  ports: Pick<PortList, 'identified'>
  /** Whether a gateway has a session now. */
  isOnline(gatewayId: string): boolean
  /** The id of its secret that counts; null where it has a certificate. */
  secretOf(gatewayId: string): Promise<string | null>
  firmware: FirmwareSource
  requireFit: RequireFit
}

type GatewayRow = gatewaysRepository.GatewayRow

/** A first contact, in an object: an async function that returned the promise itself would wait for it. */
interface ToCome {
  contact: Promise<void>
}

/** A board that was let go may leave the bus and come back: for so long its port is nobody else's, ms. */
const RESET = 5_000

/** Carries out one action on one board, from the open port to the end of its job; never rejects but for a bug. */
export class ActionRun {
  readonly #dependencies: ActionRunDependencies
  readonly #row: FlashJobRow
  readonly #caller: ActionCaller

  constructor(dependencies: ActionRunDependencies, row: FlashJobRow, caller: ActionCaller) {
    this.#dependencies = dependencies
    this.#row = row
    this.#caller = caller
  }

  /**
   * @param port null: its credential counts already, only its first contact is missing
   * @param letGo gives the port back while the board is awaited; what is still held is the caller's to give back
   */
  async run(port: SerialPort | null, signal: AbortSignal, letGo = () => {}): Promise<void> {
    const { book, log } = this.#dependencies
    const { id } = this.#row
    let lettingGo: NodeJS.Timeout | undefined
    try {
      // A site that stops opens no port any more.
      signal.throwIfAborted()
      const toCome =
        port === null
          ? this.#contact(await this.#committed(), this.#row.code, signal)
          : await this.#withBoard(port, signal)
      if (toCome !== null) {
        lettingGo = setTimeout(letGo, RESET)
        await book.change(id, { step: 'waiting' })
        await toCome.contact
      }
      await this.#end('passed', null)
    } catch (error) {
      const { step, committedAt } = await book.require({ all: true }, id)
      if (signal.aborted) {
        const isStopping = signal.reason === 'stopping'
        // A site that stops leaves what counts already to its next start.
        if (isStopping && committedAt !== null) return
        await this.#end(isStopping ? 'interrupted' : 'cancelled', endedError(signal.reason, step))
      } else if (error instanceof ExpectedError) await this.#end('failed', error)
      else {
        log.error({ err: error, jobId: id }, 'a flash job failed unexpectedly')
        await this.#end('failed', new ExpectedError('flash_failed', { job: id }))
      }
    } finally {
      clearTimeout(lettingGo)
    }
  }

  /** The port is closed when it settles. @returns the first contact that is to come, if one is */
  async #withBoard(port: SerialPort, signal: AbortSignal): Promise<ToCome | null> {
    const { bench, book, ports } = this.#dependencies
    const { id } = this.#row
    const { action, speed } = JSON.parse(this.#row.action ?? '{}') as StoredAction
    const log = (text: string) => book.logs.add(id, 'bench', text)
    const session = await bench.openBoard(port.path, {
      baud: speed,
      signal,
      identifyOnly: action.kind === 'identify',
      onTry: (tries) => void book.change(id, { tries }).catch(() => {}),
      onLog: log,
    })
    try {
      const { board } = session
      if (action.kind !== 'identify') ports.identified(port.path, board.mac)
      const gateway = await this.#ownerOf(board.mac, action)
      const job = await book.change(id, {
        board: JSON.stringify(board),
        mac: board.mac,
        ...(gateway && {
          gatewayId: gateway.id,
          code: gateway.code,
          name: gateway.name,
          label: gateway.label,
          again: 1,
        }),
      })
      const tools: ActionTools = {
        session,
        job,
        caller: this.#caller,
        signal,
        step: async (step) => void (await book.change(id, { step })),
        progress: (progress) => book.progress(id, progress),
        log,
        change: (changes) => book.change(id, changes),
      }
      const credential = await this.#act(tools, action, gateway)
      // Before the board is let go: it may be there within a second.
      return this.#contact(credential, gateway?.code ?? null, signal)
    } finally {
      await session.close()
    }
  }

  async #act(
    tools: ActionTools,
    action: BoardAction,
    gateway: GatewayRow | null,
  ): Promise<ExpectedCredential | null> {
    const { files, firmware, readLayout, requireFit } = this.#dependencies
    switch (action.kind) {
      case 'identify':
        break
      case 'erase':
        await tools.step('erasing')
        await tools.session.eraseAll()
        break
      case 'backup':
        await backUp(tools, files)
        break
      case 'restore':
        await restore(tools, await files.readUpload(action.uploadId))
        break
      case 'write':
        await writeFile(tools, await files.readUpload(action.uploadId), action.offset)
        break
      case 'firmware':
        await changeFirmware(tools, firmware, { bundleId: action.bundleId, readLayout, requireFit })
        break
      case 'settings':
        if (gateway === null)
          throw new ExpectedError('not_found', { what: 'gateway', id: tools.session.board.mac })
        return changeSettings(tools, this.#dependencies, { gateway, wifiId: action.wifiId })
      default:
        return assertNever(action)
    }
    return null
  }

  /**
   * Whose board it is. What it holds is not read, changed or erased for somebody else's tenant: its flash has the keys of its
   * gateway.
   *
   * @throws ExpectedError `mac_taken`, without a name
   */
  async #ownerOf(mac: string, { kind }: BoardAction): Promise<GatewayRow | null> {
    const { db } = this.#dependencies
    const { scope } = this.#caller
    const { tenantId } = this.#row
    const known = await gatewaysRepository.gatewayByMac(db, mac)
    if (!known || known.state === 'unclaimed') return null
    if (known.tenantId === tenantId && seesGateway(scope, known))
      return (await gatewaysRepository.gatewayById(db, scope, known.id)) ?? null
    if (kind === 'identify') return null
    const other = known.tenantId === tenantId ? 'that you do not see' : 'of another tenant'
    throw new ExpectedError('mac_taken', { mac, code: other })
  }

  /** Whom a job waits for whose credential counts already; null where it is there. */
  async #committed(): Promise<ExpectedCredential | null> {
    const { isOnline, secretOf } = this.#dependencies
    const { gatewayId } = this.#row
    // What it had before has ended: with that it would not be online.
    if (gatewayId === null || isOnline(gatewayId)) return null
    return committedCredential(this.#row, secretOf)
  }

  #contact(credential: ExpectedCredential | null, code: string | null, signal: AbortSignal): ToCome | null {
    if (credential === null) return null
    const contact = awaitContact(this.#dependencies.contacts, credential, { code: code ?? '', signal })
    // It is awaited once the port is closed, and may have failed before.
    contact.catch(() => {})
    return { contact }
  }

  async #end(state: EndState, error: ExpectedError | null): Promise<void> {
    const { book, audit } = this.#dependencies
    const { id, tenantId, kind, port } = this.#row
    const ended = await book.end(id, state, error)
    const draft = new AuditDraft({ ...this.#caller.subject, action: 'flash_job.end' })
    draft.about('flash_job', id, tenantId, {
      kind,
      port: (JSON.parse(port) as FlashJob['port']).path,
      mac: ended.mac,
      code: ended.code,
      result: state,
      ...(error && { error: error.code }),
    })
    await audit.record(draft, state === 'passed' ? 'done' : 'failed')
  }
}
