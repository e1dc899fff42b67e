import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Names under which secrets could reach a log line; their values are replaced. */
const secretNames = [
  'password',
  'privateKey',
  'private_key_pem',
  'private_key',
  'keyPem',
  'passphrase',
  'recoveryCode',
  'setupCode',
  'token',
  'cookie',
  'authorization',
  'setupCode',
]

export interface LogOptions {
  level?: string
  destination?: DestinationStream
}

/** Structured JSON lines on stderr, so that stdout stays for what commands print. */
export function createLog({
  level = process.env['MILLWRIGHT_LOG'] ?? 'info',
  destination,
}: LogOptions = {}): Log {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[secret]' } },
    destination ?? pino.destination({ dest: 2, sync: true }),
  )
}
