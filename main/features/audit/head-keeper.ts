import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { GENESIS, hex } from './audit-chain.ts'
import type { AuditHeadFile, Head } from './audit-head.ts'
import { hadHead, markHead } from './head-mark.ts'

/** The file follows the store at most this often, ms. */
const PACE = 1_000

/** Of a chain without entries. */
const START: Head = { seq: 0, chain: hex(GENESIS) }

/** What a look at the sealed head can find. */
export type HeadProblem = 'head_missing' | 'head_changed' | 'truncated' | 'head_differs'

/**
 * Keeps the sealed head close behind the chain, and compares both before it goes on: what the store lost since is found
 * then, and told once, for afterwards the head is that of now.
 */
export class HeadKeeper {
  readonly #db: SiteDb
  readonly #log: Log
  readonly #file: AuditHeadFile
  readonly #found: (problem: HeadProblem, head: Head | null) => Promise<void>
  /** How far the chain came, as last compared; null before the file was read. */
  #head: Head | null = null
  /** The file does not say so yet. */
  #isOwed = false
  /** What the start found, until it is told. */
  #untold: { problem: HeadProblem; head: Head | null } | null = null
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()
  #isStopped = false

  /** `found` records what was found, and is followed by a new head. */
  constructor(
    dependencies: { db: SiteDb; log: Log; file: AuditHeadFile },
    found: (problem: HeadProblem, head: Head | null) => Promise<void>,
  ) {
    this.#db = dependencies.db
    this.#log = dependencies.log
    this.#file = dependencies.file
    this.#found = found
  }

  /** Numbers up to here were given away, also where the store has lost their entries. */
  get seq(): number {
    return this.#head?.seq ?? 0
  }

  /**
   * Compares what an earlier run sealed with the store of now. A file that cannot be read or written does not keep the
   * site from running: that is told like one that was changed, and written once the disk lets it.
   */
  async start(): Promise<void> {
    const read = await this.#read()
    const head = typeof read === 'string' ? null : read
    const problem = await this.#compareAtStart(read)
    this.#head = head ?? START
    this.#isOwed = head === null
    this.#untold = problem === null ? null : { problem, head }
    await this.flush()
    if (this.#isOwed || this.#untold !== null) this.moved()
    else await this.#mark()
  }

  async #read(): Promise<Head | 'missing' | 'changed'> {
    try {
      return await this.#file.read()
    } catch (err) {
      this.#log.error({ err }, "the audit's head could not be read")
      return 'changed'
    }
  }

  async #mark(): Promise<void> {
    try {
      await markHead(this.#db)
    } catch (err) {
      this.#log.warn({ err }, 'that the audit has a head could not be written: it is at the next start')
    }
  }

  /**
   * Before the first entry of a new site is written its file is there: one that is missing later was taken away.
   * @param last the newest entry so far, of which this may be called inside a transaction
   */
  async begin(last: { seq: number; chain: Uint8Array } | undefined): Promise<void> {
    if (this.#head !== null) return
    this.#head = { seq: last?.seq ?? 0, chain: hex(last?.chain ?? GENESIS) }
    await this.#file.write(this.#head)
  }

  /** Entries were written, or are about to be. */
  moved(): void {
    if (this.#timer !== null || this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.flush()
    }, PACE)
    this.#timer.unref()
  }

  /** Brings the file up to what is on disk now. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#bringUp())
    return this.#writing
  }

  async #bringUp(): Promise<void> {
    if (this.#head === null) return
    try {
      const found = this.#untold ?? (await this.#difference(this.#head))
      if (found !== null) {
        await this.#found(found.problem, found.head)
        // Told once, also where the file cannot be written now.
        this.#untold = null
        this.#head = await this.#newest()
        this.#isOwed = true
      }
      await this.#follow()
    } catch (err) {
      // It lags until the disk has room again.
      this.#log.warn({ err }, "the audit's head could not be written")
    }
  }

  async stop(): Promise<void> {
    // What happens to the store from here on is for the next start to find.
    if (this.#isStopped) return
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.flush()
  }

  async #follow(): Promise<void> {
    const head = await this.#newest()
    if (!this.#isOwed && head.seq === this.#head?.seq) return
    await this.#file.write(head)
    this.#head = head
    this.#isOwed = false
  }

  /** Outside of transactions the store's one connection shows only what was committed. */
  async #newest(): Promise<Head> {
    const last = await this.#entry()
    return last === undefined ? START : { seq: last.seq, chain: hex(last.chain) }
  }

  async #compareAtStart(read: Head | 'missing' | 'changed'): Promise<HeadProblem | null> {
    if (read === 'changed') return 'head_changed'
    // Set-up is the first entry of every site, and retention keeps the newest.
    if ((await this.#entry()) === undefined) return 'truncated'
    if (read !== 'missing') return this.#compare(read)
    // A site of before the head had its first entries without it.
    return (await hadHead(this.#db)) ? 'head_missing' : null
  }

  async #difference(head: Head): Promise<{ problem: HeadProblem; head: Head } | null> {
    const problem = await this.#compare(head)
    return problem === null ? null : { problem, head }
  }

  async #compare(head: Head): Promise<HeadProblem | null> {
    if (head.seq === 0) return null
    const same = await this.#entry(head.seq)
    if (same !== undefined) return hex(same.chain) === head.chain ? null : 'head_differs'
    const last = await this.#entry()
    if ((last?.seq ?? 0) < head.seq) return 'truncated'
    const cut = await this.#db
      .selectFrom('auditCheckpoints')
      .select('seq')
      .where('seq', '>=', head.seq)
      .limit(1)
      .executeTakeFirst()
    return cut === undefined ? 'head_differs' : null
  }

  /** @param seq the newest where left out */
  #entry(seq?: number): Promise<{ seq: number; chain: Uint8Array } | undefined> {
    return this.#db
      .selectFrom('auditEntries')
      .select(['seq', 'chain'])
      .$if(seq !== undefined, (query) => query.where('seq', '=', seq ?? 0))
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
  }
}
