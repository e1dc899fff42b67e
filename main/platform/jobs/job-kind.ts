import type { JobData } from '#contract/model/job.ts'
import type { Permission } from '#contract/model/permission.ts'
import type { PartFile } from './job-files.ts'

/** What a feature registers: how jobs of one kind are done. */
export interface JobKind {
  /** To start one, to start it again, and to fetch its file. */
  permission: Permission | 'signed_in'
  /** Only who asked for it sees it: what it makes is about a person, or everything of a tenant. It is not started again. */
  isPrivate?: true
  /**
   * What becomes of one that ran when the site ended. `resume`: it is run again, with its last checkpoint; whatever it
   * does must bear being done twice. `interrupt`: it is marked so, and a person decides.
   */
  afterCrash: 'resume' | 'interrupt'
  /** Whether its jobs are given a file, which a retry hands on. */
  takesInput: boolean
  /** The parameters as people are shown them. */
  shown(params: JobData): JobData
  /** The result, JSON. @throws ExpectedError what a person can understand; anything else is a bug */
  run(params: JobData, context: JobContext): Promise<JobData>
}

/** What a running job has at hand. */
export interface JobContext {
  id: string
  tenantId: string | null
  /** Aborts when it is cancelled, or the site stops. */
  signal: AbortSignal
  /** Called as often as one likes. */
  progress(done: number, total: number | null): void
  /** A line for people: an event that the UI has words for, and its data. */
  log(event: string, data?: JobData): void
  /** What was saved last, by an attempt before; null at first. */
  checkpoint: unknown
  /** On disk when it resolves. */
  saveCheckpoint(checkpoint: unknown): Promise<void>
  /** What the job was given. */
  input: string
  /** The file that it makes; it is discarded if the job does not end well. `name` is what people save it as. */
  makeFile(name: string, type: string): Promise<PartFile>
}
