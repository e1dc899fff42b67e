/** People, their rights and what they are given. */
export const peopleErrors = {
  rights_beyond: {
    status: 403,
    message: 'This takes rights that you do not have ({beyond}): nobody gives or takes more than their own',
  },
  account_beyond: {
    status: 403,
    message: 'This account has rights beyond yours: ask an administrator who has them all',
  },
  not_yourself: {
    status: 409,
    message: 'Not on your own account: use My account, or ask another administrator',
  },
  groups_required: { status: 400, message: 'Say which groups, or choose another reach' },
  user_exists: { status: 409, message: '{email} is a person of this site already: change their rights' },
  user_in_tenant: {
    status: 409,
    message: '{email} has rights in another part of the tenant: ask an administrator of all of it',
  },
  user_state_conflict: { status: 409, message: '{name} is {state}: not possible now ({action})' },
  last_site_admin: {
    status: 409,
    message: 'This is the last administrator of the site who can sign in: make another one first',
  },
  role_name_taken: { status: 409, message: 'There is already a role named "{name}": choose another name' },
  role_built_in: { status: 409, message: 'The role {name} is built in: make an own one instead' },
  role_in_use: { status: 409, message: '{people} people have the role "{name}": give them another first' },
  too_many_roles: { status: 409, message: 'There are {limit} own roles already: delete one first' },
  invitation_unknown: { status: 404, message: 'This link or code is not known: ask for a new one' },
  invitation_used: {
    status: 410,
    message: 'This link or code was used already: sign in, or ask for a new one',
  },
  invitation_expired: { status: 410, message: 'This link or code has expired: ask for a new one' },
  invitation_needs_sign_in: {
    status: 409,
    message: 'There is an account with this e-mail address already: sign in with it to take the invitation',
  },
  invitation_of_another: {
    status: 409,
    message: 'This invitation is for another account: sign out, and in with that one',
  },
  second_factor_required: { status: 401, message: 'The code of your second factor is needed as well' },
  second_factor_wrong: {
    status: 401,
    message: 'The code is wrong or was used: wait for the next one, or use a recovery code',
  },
  second_factor_present: { status: 409, message: 'There is a second factor already: remove it first' },
  second_factor_absent: { status: 409, message: 'There is no second factor' },
  second_factor_not_begun: { status: 409, message: 'Begin to set up the second factor first' },
  second_factor_needed: { status: 409, message: 'A role of yours asks for a second factor: it stays' },
  session_locked: { status: 403, message: 'This session is locked: give the password to go on' },
  password_none: {
    status: 409,
    message: 'This account has no password here: it signs in with a sign-on provider',
  },
  password_same: { status: 400, message: 'This is the password you have: choose another' },
  email_taken: { status: 409, message: 'This e-mail address cannot be used: choose another' },
  username_invalid: {
    status: 400,
    message: '"{username}" is not a user name: 3 to 40 of a to z, 0 to 9, dot, dash and underscore',
  },
  username_taken: { status: 409, message: 'The user name {username} is already used: choose another' },
  registration_closed: { status: 403, message: 'This site takes no registrations: ask its administrator' },
  registration_refused: {
    status: 409,
    message:
      'There is no free gateway with this label, or the e-mail address cannot be used: check both, or ask the administrator',
  },
} as const
