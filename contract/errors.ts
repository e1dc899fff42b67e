/**
 * Every expected failure of Millwright has a code here: its HTTP status and an English sentence for logs, the
 * command line and REST answers. The UI words it from code and data, in the person's language
 * (`resources/locales/<language>/errors.json`). Placeholders in braces are filled from the error's data.
 */
export const errorCodes = {
  // who and whether
  not_signed_in: { status: 401, message: 'Sign in first' },
  wrong_credentials: { status: 401, message: 'E-mail or password is wrong' },
  account_locked: { status: 429, message: 'Too many failed sign-ins: this account is locked until {until}' },
  too_many_requests: { status: 429, message: 'Too many requests: try again in {seconds} s' },
  forbidden: { status: 403, message: 'This needs the permission {permission}' },
  origin_refused: { status: 403, message: 'This request came from another site ({origin}) and was refused' },
  host_refused: {
    status: 421,
    message: '{host} is not a name or address of this site: add it in the settings or use one of them',
  },

  // setting up
  setup_required: {
    status: 409,
    message: 'This site is not set up yet: run "millwright setup" or open its address',
  },
  setup_done: { status: 409, message: 'This site is already set up' },
  setup_code_wrong: {
    status: 403,
    message: 'The set-up code is wrong: read it from the console of the site',
  },
  password_too_short: {
    status: 400,
    message: 'The password has {length} characters: use at least {minimum}',
  },
  password_too_common: {
    status: 400,
    message: 'This password is in lists of known passwords: choose another',
  },
  email_invalid: { status: 400, message: '"{email}" is not an e-mail address' },
  address_invalid: { status: 400, message: '"{address}" is not an IP address or host name' },

  // the machine
  data_in_use: { status: 409, message: 'Another Millwright (process {pid}) already runs on {dir}' },
  data_not_writable: { status: 500, message: 'The data folder {dir} cannot be written: {cause}' },
  data_from_newer_version: {
    status: 500,
    message: 'The data was written by a newer Millwright ({migration}): install that version or newer',
  },
  data_damaged: {
    status: 500,
    message: '{file} is damaged: {cause}. Restore a backup; the file was left as it is',
  },
  port_in_use: {
    status: 500,
    message:
      'Port {port} on {address} is already in use: stop the other program or choose another port with {flag}',
  },
  address_unavailable: {
    status: 500,
    message: '{address} is not an address of this machine: choose another with {flag}',
  },
  port_forbidden: {
    status: 500,
    message: 'Port {port} needs more rights than this process has: choose a port above 1023 with {flag}',
  },
  passphrase_wrong: { status: 403, message: 'The passphrase does not open the site key' },
  recovery_code_wrong: { status: 403, message: 'The recovery code does not open the site key' },
  recovery_code_mistyped: {
    status: 400,
    message: 'Group {group} of the recovery code is mistyped: compare it with the printed one',
  },
  key_slot_last: {
    status: 409,
    message: 'This is the last slot that opens the site key: add another before removing it',
  },
  site_key_missing: {
    status: 500,
    message: 'No key slot opens the site key in {dir}: give the passphrase or the recovery code',
  },
  crypto_self_test_failed: {
    status: 500,
    message: 'The cryptography of this machine failed its self-test: {test}',
  },
  disk_full: {
    status: 507,
    message: 'The disk is full: readings are refused, not lost, until there is room',
  },
  store_failed: { status: 503, message: 'The store could not write: {cause}' },
  broker_restarting: {
    status: 503,
    message: 'The MQTT broker is starting again: try in a few seconds ({cause})',
  },
  site_not_running: {
    status: 503,
    message: 'No site runs on {dir}: start it with "millwright serve --data {dir}"',
  },
  site_unreachable: { status: 503, message: '{url} does not answer: {cause}' },
  site_stopping: { status: 503, message: 'The site is stopping' },

  // objects and input
  not_found: { status: 404, message: 'There is no {what} {id}' },
  input_invalid: { status: 400, message: 'The input is not valid: {issues}' },
  json_invalid: { status: 400, message: 'The body is not JSON: {cause}' },
  body_too_large: { status: 413, message: 'The body is larger than {limit} bytes' },
  media_type_unsupported: { status: 415, message: 'Send the body as application/json' },
  mac_invalid: { status: 400, message: '"{mac}" is not a MAC address: write it as aa:bb:cc:dd:ee:ff' },
  mac_taken: { status: 409, message: 'The MAC {mac} already belongs to gateway {code}' },
  label_taken: { status: 409, message: 'The label {label} is already used on this site: give another' },
  code_taken: { status: 409, message: 'The code {code} is already used in this tenant' },
  tenant_unknown: { status: 404, message: 'There is no tenant {tenant}' },
  gateway_state_conflict: { status: 409, message: 'Gateway {code} is {state}: it cannot be {action}' },
  credential_gone: {
    status: 410,
    message: 'The private key of {code} was handed over and erased: revoke and enroll again for a new one',
  },
  idempotency_conflict: { status: 409, message: 'The Idempotency-Key {key} was used for another request' },
  range_invalid: { status: 400, message: 'The range is not valid: {cause}' },
  cursor_invalid: { status: 400, message: 'The page cursor is not valid: start again without it' },
  view_changed: {
    status: 409,
    message: '"{name}" was changed by {by} meanwhile: load it again, or save a copy',
  },
  view_name_taken: { status: 409, message: 'There is already a view named "{name}": choose another name' },
  too_many_views: { status: 409, message: 'There are {limit} views already: delete one first' },
  annotation_changed: {
    status: 409,
    message: 'The annotation was changed by somebody else meanwhile: look at it again',
  },
  retention_class_taken: { status: 409, message: 'There already is a retention class {id}' },
  retention_class_default: {
    status: 409,
    message: 'The retention class {id} is the default of the site: choose another default first',
  },
  retention_class_in_use: {
    status: 409,
    message:
      'The retention class {id} is in use (tenants: {tenants}; channels: {channels}; stored months: {files}): give them another class first',
  },
  calendar_invalid: { status: 400, message: 'The calendar is not valid: {cause}' },
  channel_not_numeric: {
    status: 400,
    message: 'The channel {channel} holds text: it has no numbers to count with',
  },
  expression_invalid: {
    status: 400,
    message: 'The expression is not valid at character {position}: {cause}',
  },
  calculation_circular: { status: 400, message: 'The calculated channel would need itself: {cycle}' },
  calculation_name_taken: {
    status: 409,
    message: 'There is already a calculated channel named "{name}": choose another name',
  },
  calculation_in_use: { status: 409, message: '{name} is used by {users}: change these first' },
  calculation_without_readings: {
    status: 400,
    message: 'A calculated channel has no single readings: ask for buckets or an interval',
  },
  too_many_calculations: {
    status: 409,
    message: 'There are {limit} calculated channels already: delete one first',
  },
  remote_read_invalid: { status: 400, message: 'The remote read request is not valid: {cause}' },
  too_many_samples: {
    status: 422,
    message:
      'The answer would have more than {limit} samples: ask for fewer series, a shorter range or a longer step',
  },
  export_too_wide: {
    status: 400,
    message: 'A wide file takes {most} channels at the most, these are {count}: choose the long layout',
  },
  export_too_many_channels: {
    status: 400,
    message: 'An export takes {most} channels at the most, these are {count}: take fewer gateways at a time',
  },
  import_too_large: { status: 413, message: 'The file is larger than {limit} bytes: split it' },
  import_file_invalid: { status: 400, message: 'The file is no CSV of readings: {cause}' },
  import_file_gone: { status: 410, message: 'The file of job {id} was deleted: upload it again' },
  time_zone_unknown: {
    status: 400,
    message: '"{zone}" is not a time zone: write it as in America/Sao_Paulo',
  },
  job_disk_full: {
    status: 507,
    message: 'The disk has no room for the file of this job: {bytes} bytes were written and removed again',
  },
  job_interrupted: {
    status: 503,
    message: 'The site ended while this job ran ({attempts} times): start it again',
  },
  job_ended: { status: 409, message: 'Job {id} has ended already: it is {state}' },
  job_running: { status: 409, message: 'Job {id} is {state}: cancel it first' },
  too_many_jobs: {
    status: 429,
    message: 'There are {limit} jobs waiting already: let some of them end first',
  },
  channel_limits_invalid: { status: 400, message: 'The low limit {low} is not below the high limit {high}' },
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
