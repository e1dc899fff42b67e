import type { MessagePortMain } from 'electron'

/**
 * What the supervisor uses of Electron's `UtilityProcess`. The tests fork a real child process behind the same
 * members; Electron's class satisfies them as it is.
 */
export interface EngineProcess {
  readonly pid: number | undefined
  readonly stdout: NodeJS.ReadableStream | null
  readonly stderr: NodeJS.ReadableStream | null
  postMessage(message: unknown, transfer?: MessagePortMain[]): void
  kill(): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
}
