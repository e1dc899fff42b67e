/**
 * Failures that only the command line meets: wrong usage and files on the caller's own disk. What the site refuses
 * is an `ExpectedError` of the registry in `contract/errors.ts`.
 */
export type CliErrorCode =
  | 'usage'
  | 'file_exists'
  | 'file_not_writable'
  | 'file_not_readable'
  | 'site_failed'
  | 'certificate_mismatch'
  | 'interrupted'

export class CliError extends Error {
  readonly code: CliErrorCode
  readonly data: Record<string, string | number>

  constructor(
    code: CliErrorCode,
    message: string,
    data: Record<string, string | number> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'CliError'
    this.code = code
    this.data = data
  }
}

/** The words of an operating-system error, without Node's `ENOENT: … open '…'` frame around them. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const words: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is not a folder',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'the name is not known',
    ETIMEDOUT: 'no answer in time',
    EHOSTUNREACH: 'the host cannot be reached',
    ECONNRESET: 'the connection was closed',
  }
  return words[code] ?? (error.message || code || error.name)
}
