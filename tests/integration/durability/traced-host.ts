import { createBroker } from '#broker/create-broker.ts'
import { defaultBrokerLimits } from '#broker/port.ts'
import { createHistorian } from '#platform/historian/create-historian.ts'

/**
 * The real broker and the real store as the engine binds them, with a plain listener on loopback in place of TLS,
 * so that a trace of system calls can read the acknowledgements. Arguments: a folder, FULL or OFF, the PEM files
 * of any key, certificate and CA. Prints the port, stops on SIGTERM.
 */
const [dir = '', durability = 'FULL', gateway = ''] = process.argv.slice(2)
const { key, cert, ca } = JSON.parse(process.env['TRACED_CREDENTIALS'] ?? '{}') as {
  key: string
  cert: string
  ca: string
}

const historian = createHistorian(
  { dir: `${dir}/telemetry` },
  { durability: durability === 'OFF' ? 'OFF' : 'FULL' },
)
await historian.start()
const broker = createBroker({
  workerUrl: new URL('../../../broker/broker.worker.ts', import.meta.url),
  plainPortForTests: 0,
})
const { plain } = await broker.start({
  persistenceFile: `${dir}/broker.sqlite`,
  mqtts: { addresses: ['127.0.0.1'], port: 0 },
  credentials: { key, cert, ca },
  identities: [
    {
      gatewayId: '0197e000-0000-7000-8000-000000000001',
      assignmentId: '0197e000-0000-7000-8000-000000000002',
      wireName: gateway,
      mac: null,
      label: 'ESP-000001',
      dialect: 'canonical',
      aliases: { topic: null, tenant: null, user: null, clientId: null, username: null },
      credential: 'certificate',
      secrets: [],
      awaitsBind: false,
      access: 'allowed',
      certificates: [],
      tenantId: '0197e000-0000-7000-8000-000000000003',
      groupPath: [],
      ownerUserId: null,
    },
  ],
  openIngest: () => historian.openIngest(),
  limits: defaultBrokerLimits,
})
process.on('SIGTERM', () => {
  void broker
    .stop(2_000)
    .then(() => historian.stop())
    .then(() => process.exit(0))
})
process.stdout.write(`port ${plain?.port}\n`)
