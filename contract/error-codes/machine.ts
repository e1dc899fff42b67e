/** Setting up, and the machine that the site runs on. */
export const machineErrors = {
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
  password_too_weak: {
    status: 400,
    message: 'This password is easy to guess: make it longer, or of words that do not belong together',
  },
  password_classes_missing: {
    status: 400,
    message: 'The password needs lower and upper case letters, a digit and another sign',
  },
  email_invalid: { status: 400, message: '"{email}" is not an e-mail address' },
  address_invalid: { status: 400, message: '"{address}" is not an IP address or host name' },
  data_in_use: { status: 409, message: 'Another Millwright (process {pid}) already runs on {dir}' },
  data_not_writable: { status: 500, message: 'The data folder {dir} cannot be written: {cause}' },
  data_from_newer_version: {
    status: 500,
    message: 'The data was written by a newer Millwright ({migration}): install that version or newer',
  },
  data_from_older_version: {
    status: 409,
    message: 'The data was written by an older Millwright (without {migration}): start the site once first',
  },
  data_damaged: {
    status: 500,
    message: '{file} is damaged: {cause}. Restore a backup; the file was left as it is',
  },
  port_in_use: {
    status: 409,
    message:
      'Port {port} on {address} is already in use: stop the other program or choose another port with {flag}',
  },
  address_unavailable: {
    status: 409,
    message: '{address} is not an address of this machine: choose another with {flag}',
  },
  port_forbidden: {
    status: 409,
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
} as const
