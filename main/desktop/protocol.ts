import type { ErrorData } from '#contract/errors.ts'

/**
 * The messages between the shell (Electron main) and the engine's utility process. Both ends check what
 * arrives: they are of one build, but a boundary between processes is a boundary.
 */
export type ToEngine =
  | { type: 'start'; options: EngineStart }
  /** Carries one port; the engine serves the contract on it, in the session that the window had. */
  | { type: 'connect'; windowId: number; token: string | null }
  | { type: 'ping'; id: number }
  | { type: 'stop' }

export type FromEngine =
  | { type: 'ready'; addresses: EngineAddresses }
  /** The engine cannot run as things are: a person has to do something first. The process then ends. */
  | { type: 'refused'; code: string; message: string; data: ErrorData }
  | { type: 'pong'; id: number }
  /** A window's session began or ended: the shell keeps its token in memory, past a reload and an engine's crash. */
  | { type: 'session'; windowId: number; token: string | null }
  /** A bug ended the engine: the last words before the process exits. */
  | { type: 'crashing'; cause: string }
  | { type: 'stopped' }

export interface EngineStart {
  dataDir: string
  /** 32 bytes from the system's keychain; it travels only in this message, never as argument or environment. */
  externalKey: Uint8Array | null
  /** These win over the site's settings for this start. */
  ports: SitePorts
  addresses: string[] | null
}

export const sitePortNames = ['https', 'deviceHttps', 'mqtts', 'http'] as const
export type SitePorts = Partial<Record<(typeof sitePortNames)[number], number>>

export interface EngineAddresses {
  /** Origins that the UI answers on, the best one first. */
  urls: string[]
}

export function isToEngine(value: unknown): value is ToEngine {
  if (!isRecord(value)) return false
  switch (value['type']) {
    case 'start':
      return isEngineStart(value['options'])
    case 'ping':
      return Number.isSafeInteger(value['id'])
    case 'connect':
      return isWindowToken(value)
    case 'stop':
      return true
    default:
      return false
  }
}

export function isFromEngine(value: unknown): value is FromEngine {
  if (!isRecord(value)) return false
  switch (value['type']) {
    case 'ready':
      return isRecord(value['addresses']) && isStrings(value['addresses']['urls'])
    case 'refused':
      return (
        typeof value['code'] === 'string' && typeof value['message'] === 'string' && isRecord(value['data'])
      )
    case 'pong':
      return Number.isSafeInteger(value['id'])
    case 'session':
      return isWindowToken(value)
    case 'crashing':
      return typeof value['cause'] === 'string'
    case 'stopped':
      return true
    default:
      return false
  }
}

function isEngineStart(value: unknown): value is EngineStart {
  if (!isRecord(value) || typeof value['dataDir'] !== 'string') return false
  const key = value['externalKey']
  if (key !== null && !(key instanceof Uint8Array && key.length === 32)) return false
  if (value['addresses'] !== null && !isStrings(value['addresses'])) return false
  return isRecord(value['ports']) && Object.values(value['ports']).every((port) => Number.isInteger(port))
}

function isWindowToken({ windowId, token }: Record<string, unknown>): boolean {
  return Number.isSafeInteger(windowId) && (token === null || typeof token === 'string')
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
