import { setTimeout as sleep } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import type { GatewayPublicKey } from '#features/pki/index.ts'
import type { MonitorSession } from './bench-port.ts'
import type { FlowTools } from './flow-tools.ts'

/** A board that has just started has so long until it answers, and to make its key, ms. */
const PATIENCE = 30_000
const BETWEEN = 500

/**
 * The key that a board made and keeps, from its signed request.
 * @throws ExpectedError `csr_not_made`, `port_lost`; the signal's reason
 */
export async function readOwnKey(
  tools: Pick<FlowTools, 'readCsr'>,
  monitor: MonitorSession,
  signal: AbortSignal,
): Promise<GatewayPublicKey> {
  // A key is asked for once, and slow chips take long for it: a board that still starts would miss the question.
  await asked(monitor, 'hello', signal)
  const { csr } = await asked(monitor, 'csr', signal)
  if (typeof csr !== 'string') throw new ExpectedError('csr_not_made', { reason: 'it sent none' })
  try {
    return tools.readCsr(csr).publicKey
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    throw new ExpectedError('csr_not_made', { reason: error.message.slice(0, 200) }, { cause: error })
  }
}

/** Gives a board the certificate for its key. @throws ExpectedError `setup_silent`, `setup_failed`, `port_lost` */
export async function giveCertificate(monitor: MonitorSession, certificatePem: string): Promise<void> {
  await monitor.call({ do: 'settings', set: { certificate: certificatePem } })
}

/** Whether a board has its certificate already. */
export async function hasIdentity(monitor: MonitorSession, signal: AbortSignal): Promise<boolean> {
  return (await asked(monitor, 'hello', signal))['hasIdentity'] === true
}

async function asked(
  monitor: MonitorSession,
  what: 'csr' | 'hello',
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const end = Date.now() + PATIENCE
  for (;;) {
    signal.throwIfAborted()
    try {
      return await monitor.call({ do: what })
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      if (error.code === 'port_lost') throw error
      // It answered, and it was a no.
      if (error.code === 'setup_failed')
        throw new ExpectedError('csr_not_made', { reason: String(error.data['reason'] ?? '?') })
      if (Date.now() > end) throw new ExpectedError('csr_not_made', { reason: 'it does not answer' })
      await sleep(BETWEEN, undefined, { signal })
    }
  }
}
