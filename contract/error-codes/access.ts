/** Who calls, and whether they may; signing in here and elsewhere. */
export const accessErrors = {
  not_signed_in: { status: 401, message: 'Sign in first' },
  wrong_credentials: { status: 401, message: 'E-mail or password is wrong' },
  refresh_token_refused: {
    status: 401,
    message: 'The refresh token is not valid any more: sign in again',
  },
  account_without_tenant: {
    status: 403,
    message: 'Your tenant is suspended, or you are in none: ask the administrator of the site',
  },
  account_locked: { status: 429, message: 'Too many failed sign-ins: this account is locked until {until}' },
  too_many_requests: { status: 429, message: 'Too many requests: try again in {seconds} s' },
  forbidden: { status: 403, message: 'This needs the permission {permission}' },
  forbidden_reach: {
    status: 403,
    message: 'This is about more than your rights cover: they end at a part of the site',
  },
  not_a_person: { status: 403, message: 'This is about the account of a person: sign in as one' },
  account_pending: {
    status: 403,
    message:
      'Your account is not ready: {need} comes first (change the password, or set up the second factor)',
  },
  origin_refused: { status: 403, message: 'This request came from another site ({origin}) and was refused' },
  host_refused: {
    status: 421,
    message: '{host} is not a name or address of this site: add it in the settings or use one of them',
  },
  sign_on_unknown: { status: 404, message: 'There is no such way to sign in, or it is turned off' },
  sign_on_expired: {
    status: 400,
    message: 'This sign-in took too long, was used before, or began in another browser: start again',
  },
  sign_on_denied: { status: 403, message: 'The sign-in provider did not let you in' },
  sign_on_unavailable: { status: 502, message: 'The sign-in provider cannot be used now: {cause}' },
  sign_on_invalid: {
    status: 403,
    message: 'The answer of the sign-in provider did not pass the checks, and counts for nothing',
  },
  sign_on_email_unverified: {
    status: 403,
    message: 'The sign-in provider does not vouch for an e-mail address of yours',
  },
  sign_on_no_account: {
    status: 403,
    message: 'You have no account here, and your groups give you none: ask the administrator of the site',
  },
  account_suspended: { status: 403, message: 'Your account is suspended: ask the administrator of the site' },
  sign_on_name_taken: {
    status: 409,
    message: 'There is already a sign-in provider "{name}": choose another name',
  },
  too_many_sign_on_providers: {
    status: 409,
    message: 'There are {limit} sign-in providers already: delete one first',
  },
  outbound_address_invalid: {
    status: 400,
    message: '"{address}" is not an https:// address (http:// only on 127.0.0.1, ::1 and localhost)',
  },
  outbound_not_listed: {
    status: 403,
    message: '{origin} is not among the addresses that this site may call: list it first',
  },
  outbound_inside_network: {
    status: 403,
    message: '{host} is {address}, inside the plant network: it is called only if that is said',
  },
  outbound_address_refused: {
    status: 403,
    message: '{host} is {address}: an address that this site never calls',
  },
  outbound_failed: { status: 502, message: '{host} cannot be used: {cause}' },
} as const
