import { accessErrors } from './error-codes/access.ts'
import { cloudErrors } from './error-codes/cloud.ts'
import { commandsErrors } from './error-codes/commands.ts'
import { dialectErrors } from './error-codes/dialects.ts'
import { enrollmentErrors } from './error-codes/enrollment.ts'
import { firmwareErrors } from './error-codes/firmware.ts'
import { flashingErrors } from './error-codes/flashing.ts'
import { gatewayImportErrors } from './error-codes/gateway-import.ts'
import { labelErrors } from './error-codes/labels.ts'
import { machineErrors } from './error-codes/machine.ts'
import { nvsErrors } from './error-codes/nvs.ts'
import { objectsErrors } from './error-codes/objects.ts'
import { peopleErrors } from './error-codes/people.ts'
import { profileErrors } from './error-codes/profiles.ts'
import { topicsErrors } from './error-codes/topics.ts'

/**
 * Every expected failure of Millwright has a code here: its HTTP status and an English sentence for logs, the
 * command line and REST answers. The UI words it from code and data, in the person's language
 * (`resources/locales/<language>/errors.json`). Placeholders in braces are filled from the error's data.
 */
export const errorCodes = {
  ...accessErrors,
  ...peopleErrors,
  ...machineErrors,
  ...objectsErrors,
  ...enrollmentErrors,
  ...profileErrors,
  ...labelErrors,
  ...commandsErrors,
  ...gatewayImportErrors,
  ...dialectErrors,
  ...topicsErrors,
  ...flashingErrors,
  ...nvsErrors,
  ...firmwareErrors,
  ...cloudErrors,
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof errorCodes
export type ErrorData = Record<string, string | number | boolean | null>

/**
 * A failure that a person can understand and act on. Anything else that is thrown is a bug: it is logged with
 * its stack and answered as an internal error with the request id.
 */
export class ExpectedError extends Error {
  readonly code: ErrorCode
  readonly data: ErrorData

  constructor(code: ErrorCode, data: ErrorData = {}, options?: ErrorOptions) {
    super(errorText(code, data), options)
    this.name = 'ExpectedError'
    this.code = code
    this.data = data
  }

  /** The HTTP status that this code answers with. */
  get status(): number {
    return errorCodes[this.code].status
  }
}

/** The English sentence of a code, with the data in its places. */
export function errorText(code: ErrorCode, data: ErrorData = {}): string {
  return errorCodes[code].message.replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? '?'))
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

/** Ends a switch over a union: adding a member without a case then fails the type check. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
