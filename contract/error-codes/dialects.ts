/** Dialects that people make. */
export const dialectErrors = {
  dialect_invalid: { status: 400, message: 'The dialect {name} cannot be used: {issues}' },
  dialect_built_in: {
    status: 409,
    message: 'The dialect {name} comes with Millwright and stays as it is: save a copy under another name',
  },
  dialect_name_taken: { status: 409, message: 'There is already a dialect {name}: choose another name' },
  dialect_changed: {
    status: 409,
    message: 'The dialect {name} was changed by somebody else meanwhile: look at it again',
  },
  dialect_in_use: {
    status: 409,
    message:
      'The dialect {name} is spoken by {gateways} gateways and {profiles} profiles: give them another first',
  },
  too_many_dialects: { status: 409, message: 'There are {limit} own dialects already: remove one first' },
} as const
