/** Gateway profiles, and what a gateway is called and speaks. */
export const profileErrors = {
  profile_name_taken: {
    status: 409,
    message: 'There is already a gateway profile named "{name}": choose another name',
  },
  profile_changed: {
    status: 409,
    message: 'The profile "{name}" was changed by somebody else meanwhile: look at it again',
  },
  profile_in_use: {
    status: 409,
    message:
      'The profile "{name}" is that of {gateways} gateways and {passwords} one-time passwords: give these another first',
  },
  too_many_profiles: {
    status: 409,
    message: 'This tenant has {limit} gateway profiles already: delete one first',
  },
  alias_invalid: { status: 400, message: 'The {kind} "{value}" cannot be used: {cause}' },
} as const
