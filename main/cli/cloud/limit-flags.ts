import type { Command } from 'commander'
import type { CloudLimits } from '#contract/model/cloud.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'

/** How fast, at which hours, and what more is let through. */
export interface LimitFlags {
  bytesPerSecond?: number | null
  hours?: CloudLimits['window']
  passwordHashes?: boolean
  takeTenants?: boolean
}

export function addLimitOptions(command: Command): Command {
  return command
    .option('--bytes-per-second <bytes>', 'speed limit; "none" for none', (text: string) =>
      text === 'none' ? null : wholeNumber(1_000, 1_000_000_000)(text),
    )
    .option('--hours <span>', 'readings only then, site time: 22:00-06:00; "always" for any time', readHours)
    .option(
      '--password-hashes <on|off>',
      'whether the hashes of people are sent',
      readSwitch('--password-hashes'),
    )
    .option(
      '--take-tenants <on|off>',
      'whether tenants that the cloud shares come here; what is put into them here goes there',
      readSwitch('--take-tenants'),
    )
}

/** Those that were given. */
export function limitsOf({ bytesPerSecond, hours, passwordHashes, takeTenants }: LimitFlags) {
  return given({
    bytesPerSecond,
    window: hours,
    sendsPasswordHashes: passwordHashes,
    takesTenants: takeTenants,
  })
}

function readHours(text: string): CloudLimits['window'] {
  if (text === 'always') return null
  const match = /^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$/.exec(text)
  const [hour = 24, minute = 60, toHour = 24, toMinute = 60] = (match ?? []).slice(1).map(Number)
  if (hour > 23 || minute > 59 || toHour > 23 || toMinute > 59)
    throw new CliError('usage', '--hours: write 22:00-06:00, or "always"')
  return { from: hour * 60 + minute, to: toHour * 60 + toMinute }
}

function readSwitch(flag: string) {
  return (text: string): boolean => {
    if (text !== 'on' && text !== 'off') throw new CliError('usage', `${flag}: write "on" or "off"`)
    return text === 'on'
  }
}
