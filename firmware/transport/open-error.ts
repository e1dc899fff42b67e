import { ExpectedError } from '#contract/errors.ts'
import { deniedAccess } from './ports/port-access.ts'
import { findHolders, findLocker, type PortHolder } from './ports/port-holder.ts'
import { type SystemPaths, systemPaths } from './ports/system-paths.ts'

/**
 * The words of the operating system for why a port does not open, as serialport passes them on: it gives no error
 * number. POSIX names come first; Windows has three of its own.
 */
const causes: readonly { says: RegExp; is: 'unknown' | 'busy' | 'denied' }[] = [
  { says: /No such (file|device)|ENOENT|ENXIO|ENODEV|File not found/i, is: 'unknown' },
  // Windows opens ports exclusively and calls it `Access denied` when somebody was first.
  { says: /Opening .*Access denied|Access is denied/i, is: 'busy' },
  {
    says: /Cannot lock port|Resource (temporarily unavailable|busy)|Device or resource busy|EBUSY/i,
    is: 'busy',
  },
  { says: /Permission denied|Operation not permitted|EACCES|EPERM/i, is: 'denied' },
]

/**
 * A coded error for a failure to open `port`, with the program that holds it or what gives the right to it, where the
 * system tells.
 */
export async function openError(
  port: string,
  cause: unknown,
  system: SystemPaths = systemPaths,
): Promise<ExpectedError> {
  const text = cause instanceof Error ? cause.message : String(cause)
  switch (causes.find((known) => known.says.test(text))?.is) {
    case 'unknown':
      return new ExpectedError('port_unknown', { port }, { cause })
    case 'busy':
      return new ExpectedError('port_busy', { port, holder: await holderOf(port, system) }, { cause })
    case 'denied': {
      const command = (await deniedAccess(port, system))?.command
      const remedy = command ?? 'give its account the right to use serial ports (docs/usb.md)'
      return new ExpectedError('port_denied', { port, remedy }, { cause })
    }
    case undefined:
      return new ExpectedError('port_failed', { port, cause: text.replace(/^Error:?\s*/, '') }, { cause })
  }
}

async function holderOf(port: string, system: SystemPaths): Promise<string> {
  const holder = (await findLocker(port, system)) ?? (await findHolders([port], system)).get(port)
  return holder === undefined ? 'another program' : holderWords(holder)
}

/** `screen (4242)`, for `port_busy`. */
export function holderWords({ program, pid }: PortHolder): string {
  const name = program ?? 'another program'
  return pid === null ? name : `${name} (${pid})`
}
