/** Commands to gateways. */
export const commandsErrors = {
  commands_unsupported: {
    status: 409,
    message: 'Gateway {code} speaks the dialect {dialect}, which has no topic for commands',
  },
  command_too_large: {
    status: 413,
    message: 'The arguments have {bytes} bytes as JSON: {limit} are the most that a command may carry',
  },
  too_many_commands: {
    status: 429,
    message: 'There are {limit} commands waiting for {code} already: cancel some, or let them end first',
  },
  command_ended: { status: 409, message: 'The command {name} is {state}: it cannot be taken back' },
} as const
