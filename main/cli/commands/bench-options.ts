import { type Command, InvalidArgumentError, Option } from 'commander'

export const speeds = [115_200, 230_400, 460_800, 921_600, 1_500_000] as const
export type Speed = (typeof speeds)[number]

export function addSpeedOption(command: Command): Command {
  const option = new Option('--speed <baud>', `of the fast part: ${speeds.join(', ')}; 460800 where left out`)
  return command.addOption(option.argParser(readSpeed))
}

function readSpeed(text: string): Speed {
  const found = speeds.find((speed) => String(speed) === text)
  if (found === undefined) throw new InvalidArgumentError(`write one of ${speeds.join(', ')}.`)
  return found
}

export function addWifiOptions(command: Command): Command {
  return command
    .option('--wifi <ssid>', 'the network that boards join')
    .option('--wifi-password-file <file>', 'its password, which the site then keeps; - for standard input')
    .option('--wifi-open', 'it has no password')
}

/** Decimal or hex: `65536`, `0x10000`. */
export function flashOffset(text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN
  if (!(value >= 0 && value <= 0x7fff_ffff) || value % 4096 !== 0)
    throw new InvalidArgumentError('write a multiple of 4096, such as 0x10000.')
  return value
}
