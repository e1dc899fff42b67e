import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { readTrace, unearned } from './system-calls.ts'

const MESSAGES = 200
const BURST = 20
const GATEWAY = 'aabbccddee01'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function credentials(dir: string) {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-keyout',
    key,
    '-out',
    cert,
  ])
  const [keyPem, certPem] = await Promise.all([readFile(key, 'utf8'), readFile(cert, 'utf8')])
  return { key: keyPem, cert: certPem, ca: certPem }
}

/** Publishes numbered texts in bursts while every write and sync of the site is traced. */
async function trace(durability: 'FULL' | 'OFF') {
  const dir = await mkdtemp(join(tmpdir(), 'mw-trace-'))
  folders.push(dir)
  const file = join(dir, 'trace')
  const host = spawn(
    'strace',
    [
      '-f',
      '-xx',
      '-s',
      '70000',
      '-o',
      file,
      '-e',
      'trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync',
      process.execPath,
      resolve(import.meta.dirname, 'traced-host.ts'),
      dir,
      durability,
      GATEWAY,
    ],
    {
      env: { ...process.env, TRACED_CREDENTIALS: JSON.stringify(await credentials(dir)) },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const port = await new Promise<number>((done, fail) => {
    host.stdout.on('data', (chunk: Buffer) => done(Number(/port (\d+)/.exec(String(chunk))?.[1])))
    host.on('exit', (code) => fail(new Error(`the traced host ended with ${code}`)))
  })
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: GATEWAY, reconnectPeriod: 0 })
  const rows = new Map<number, string>()
  client.on('packetsend', (packet) => {
    if (packet.cmd === 'publish' && packet.messageId !== undefined)
      rows.set(packet.messageId, /row-\d{6}/.exec(String(packet.payload))?.[0] ?? '')
  })
  for (let sent = 0; sent < MESSAGES; sent += BURST) {
    const burst = Array.from({ length: BURST }, (_, i) => {
      const message = {
        ts: 1_780_000_000_000 + sent + i,
        values: { text: `row-${String(sent + i).padStart(6, '0')}` },
      }
      return client.publishAsync(`mw/${GATEWAY}/telemetry`, JSON.stringify(message), { qos: 1 })
    })
    await Promise.all(burst)
  }
  await client.endAsync()
  const ended = new Promise((done) => host.on('exit', done))
  process.kill(await childOf(host.pid ?? 0), 'SIGTERM')
  await ended
  return unearned(readTrace(await readFile(file, 'utf8')), rows)
}

/** The traced process: signalling strace itself would only detach it. */
async function childOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')[0])
}

test.runIf(process.platform === 'linux')(
  'each acknowledgement follows a sync that covers its row',
  async () => {
    expect(await trace('FULL')).toEqual({ acknowledged: MESSAGES, unearned: [] })
  },
)

test.runIf(process.platform === 'linux')(
  'the same trace shows what is missing when the store does not sync',
  async () => {
    const result = await trace('OFF')
    expect(result.acknowledged).toBe(MESSAGES)
    expect(result.unearned.length).toBeGreaterThan(MESSAGES / 2)
  },
)
