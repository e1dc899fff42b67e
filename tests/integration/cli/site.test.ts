import { execFile, spawn } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareEnvironment, cliEntry, millwright, millwrightJson } from './command.ts'
import { ADMIN, makeSiteProcess, PASSWORD, removeSiteProcess, type SiteProcess } from './site-process.ts'

const run = promisify(execFile)
let site: SiteProcess
const data = (): string[] => ['--data', site.dataDir]
const at = (name: string): string => join(site.dir, name)

beforeAll(async () => {
  site = await makeSiteProcess()
  await site.create()
  await site.start()
})
afterAll(() => removeSiteProcess(site))

describe('setup and serve', () => {
  it('tells the recovery code and the CA fingerprints, and says once that it serves', () => {
    expect(site.setup).toMatchObject({
      siteName: 'Plant 1',
      recoveryCode: expect.stringMatching(/\w{4,}/),
      caFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      webCaFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(site.readyLine).toMatch(/^ready https:\/\/127\.0\.0\.1:\d+ mqtts:\/\/127\.0\.0\.1:\d+$/)
  })

  it('refuses to set up a site twice, and a second engine on the same folder', async () => {
    const again = [
      'setup',
      ...data(),
      '--site',
      'X',
      '--admin',
      ADMIN,
      '--password-file',
      site.passwordFile,
      '--json',
    ]
    const running = await millwright(again)
    expect(running.code).toBe(1)
    expect(JSON.parse(running.stderr)).toMatchObject({ error: { code: 'data_in_use' } })
    const second = await millwright(['serve', ...data()])
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/Another Millwright \(process \d+\) already runs/)
  })

  it('keeps files to their owner', async () => {
    for (const name of await readdir(site.dataDir)) {
      const { mode } = await stat(join(site.dataDir, name))
      expect({ name, others: mode & 0o077 }).toEqual({ name, others: 0 })
    }
  })
})

describe('status', () => {
  it('tells how the site is', async () => {
    const status = await millwrightJson(['status', ...data()])
    expect(status).toMatchObject({
      running: true,
      setUp: true,
      site: 'Plant 1',
      version: '0.1.0',
      pid: expect.any(Number),
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      url: expect.stringMatching(/^https:/),
      gateways: expect.any(Number),
      online: expect.any(Number),
      readingsPerSecond: expect.any(Number),
    })
    expect((await millwright(['status', ...data()])).stdout).toMatch(/^site +Plant 1$/m)
  })

  it('takes the folder from the environment', async () => {
    const { code, stdout } = await millwright(['status', '--json'], {
      env: { MILLWRIGHT_DATA: site.dataDir },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ running: true })
  })

  it('exits with 3 where no site runs', async () => {
    const { code, stdout } = await millwright(['status', '--data', at('nothing'), '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toEqual({ running: false })
  })
})

describe('gateways and certs', () => {
  it('creates a gateway, writes its ZIP once, and the site forgets the key', async () => {
    const zip = at('gw001.zip')
    const create = [
      'gateways',
      'create',
      ...data(),
      '--mac',
      'AA-BB-CC-DD-EE-01',
      '--code',
      'GW001',
      '--name',
      'Boiler room',
    ]
    const made = await millwrightJson([...create, '--out', zip])
    expect(made).toMatchObject({
      code: 'GW001',
      mac: 'aa:bb:cc:dd:ee:01',
      credentialWaiting: false,
      file: zip,
    })
    expect(JSON.stringify(made)).not.toContain('PRIVATE KEY')
    expect((await stat(zip)).mode & 0o777).toBe(0o600)
    const { stdout } = await run('python3', [
      '-c',
      'import sys,zipfile; print("\\n".join(sorted(zipfile.ZipFile(sys.argv[1]).namelist())))',
      zip,
    ])
    expect(stdout.trim().split('\n')).toEqual([
      'README.txt',
      'ca.crt',
      'client.crt',
      'client.key',
      'config.json',
    ])
    const again = await millwright([
      'certs',
      'download',
      'GW001',
      ...data(),
      '--out',
      at('again.zip'),
      '--json',
    ])
    expect(again.code).toBe(1)
    expect(JSON.parse(again.stderr)).toMatchObject({ error: { code: 'credential_gone' } })
    expect(await readdir(site.dir)).not.toContain('again.zip')
  })

  it('does not create a gateway whose ZIP could not be written', async () => {
    await writeFile(at('taken.zip'), 'mine')
    const create = ['gateways', 'create', ...data(), '--code', 'GW009', '--name', 'X', '--out']
    const taken = await millwright([...create, at('taken.zip')])
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('already there') })
    const missing = await millwright([...create, at('no/such/folder.zip')])
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('does not exist') })
    const shown = await millwright(['gateways', 'show', 'GW009', ...data()])
    expect(shown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^millwright: There is no gateway GW009\n$/),
    })
    expect(await readFile(at('taken.zip'), 'utf8')).toBe('mine')
  })

  it('keeps the key waiting without --out, and hands it over later', async () => {
    const made = await millwrightJson([
      'gateways',
      'create',
      ...data(),
      '--code',
      'GW002',
      '--name',
      'Intake',
      '--key',
      'rsa',
    ])
    expect(made).toMatchObject({ code: 'GW002', mac: null, credentialWaiting: true, file: null })
    expect(
      await millwrightJson(['certs', 'download', 'GW002', ...data(), '--out', at('gw002.zip')]),
    ).toMatchObject({ erased: true })
    expect((await stat(at('gw002.zip'))).size).toBeGreaterThan(1_000)
  })

  it('words what is wrong with the input', async () => {
    const create = (...args: string[]) =>
      millwright(['gateways', 'create', ...data(), '--name', 'X', ...args])
    expect((await create('--code', 'GW003', '--mac', 'zz')).stderr).toContain('"zz" is not a MAC address')
    expect((await create('--code', 'GW003', '--mac', 'aa:bb:cc:dd:ee:01')).stderr).toContain(
      'already belongs to gateway GW001',
    )
    expect((await create('--code', 'GW001')).stderr).toContain('GW001 is already used')
    expect((await create('--code', 'GW003', '--tenant', 'nobody')).stderr).toContain('no tenant nobody')
    expect((await create('--code', 'bad code')).stderr).toContain('letters, digits, dots, dashes')
  })

  it('writes labels of those that are named, or of all, whole or not at all', async () => {
    const labels = (...args: string[]) => millwright(['gateways', 'labels', ...data(), ...args])
    const pdf = at('labels.pdf')
    expect((await labels('GW001', 'GW002', '--out', pdf, '--start', '5')).stdout).toBe(`Wrote ${pdf}\n`)
    expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-')
    expect(await labels('--all', '--out', pdf)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already there'),
    })
    const zpl = at('labels.zpl')
    await labels('--all', '--out', zpl, '--format', 'zpl', '--size', 'roll-50x25', '--resolution', '300')
    expect((await readFile(zpl, 'utf8')).match(/\^XA/g)).toHaveLength(2)
    expect((await labels('--out', at('none.pdf'))).code).toBe(2)
    expect((await labels('GW404', '--out', at('none.pdf'))).stderr).toContain('GW404')
    await expect(stat(at('none.pdf'))).rejects.toThrow('ENOENT')
  })

  it('lists, shows, suspends, resumes and revokes', async () => {
    const { gateways } = await millwrightJson<{ gateways: { code: string }[] }>([
      'gateways',
      'list',
      ...data(),
    ])
    expect(gateways.map(({ code }) => code)).toEqual(['GW001', 'GW002'])
    expect((await millwright(['gateways', 'list', ...data()])).stdout).toMatch(
      /^GW001 +Boiler room +plant-1 +claimed/m,
    )
    expect(
      await millwrightJson(['gateways', 'suspend', 'GW002', ...data(), '--reason', 'service']),
    ).toMatchObject({ state: 'suspended' })
    expect(await millwrightJson(['gateways', 'resume', 'GW002', ...data()])).toMatchObject({ code: 'GW002' })
    const revoked = await millwright(['gateways', 'revoke', 'GW002', ...data()])
    expect(revoked).toMatchObject({ code: 0, stdout: 'GW002 "Intake" is revoked\n' })
    const again = await millwright(['gateways', 'suspend', 'GW002', ...data()])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('GW002 is revoked') })
  })

  it('gives the CA, and a CRL that openssl reads with the revoked certificate in it', async () => {
    const list = await millwrightJson<{
      certificates: { kind: string; gatewayCode: string | null; serial: string; state: string }[]
    }>(['certs', 'list', 'GW002', ...data()])
    const own = list.certificates.find(({ gatewayCode }) => gatewayCode === 'GW002')
    expect(own).toMatchObject({ kind: 'gateway', state: 'revoked' })
    await millwright(['certs', 'download', ...data(), '--out', at('ca.crt')])
    const { stdout: subject } = await run('openssl', [
      'x509',
      '-in',
      at('ca.crt'),
      '-noout',
      '-subject',
      '-fingerprint',
      '-sha256',
    ])
    const fingerprint = subject.replace(/[:\n]/g, '').toLowerCase()
    expect(fingerprint).toContain(String(site.setup.caFingerprint))
    await millwright(['certs', 'download', ...data(), '--crl', '--out', at('crl.pem')])
    const { stdout: crl } = await run('openssl', ['crl', '-in', at('crl.pem'), '-noout', '-text'])
    expect(crl.toLowerCase()).toContain(own?.serial.replace(/^0+/, '').toLowerCase())
  })
})

describe('from afar', () => {
  it('signs in over HTTPS with the pinned CA for the one call', async () => {
    await millwright(['certs', 'download', ...data(), '--web', '--out', at('web.crt')])
    const { url } = await millwrightJson<{ url: string }>(['status', ...data()])
    const remote = ['--url', url, '--ca', at('web.crt'), '--user', ADMIN]
    const login = [...remote, '--password-file', site.passwordFile]
    expect(await millwrightJson(['status', ...login])).toMatchObject({
      running: true,
      site: 'Plant 1',
      pid: null,
    })
    expect(await millwrightJson(['gateways', 'suspend', 'GW001', ...login])).toMatchObject({
      state: 'suspended',
    })
    expect(await millwrightJson(['gateways', 'resume', 'GW001', ...login])).toMatchObject({ code: 'GW001' })
    const piped = await millwright(['status', '--json', ...remote, '--password-file', '-'], {
      input: `${PASSWORD}\n`,
    })
    expect(piped.code).toBe(0)
    const wrong = await millwright(['status', ...remote, '--password-file', '-'], {
      input: 'not this one at all',
    })
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('password is wrong') })
    const unpinned = await millwright([
      'status',
      '--url',
      url,
      '--user',
      ADMIN,
      '--password-file',
      site.passwordFile,
    ])
    expect(unpinned).toMatchObject({ code: 3, stderr: expect.stringContaining('does not answer') })
  })
})

describe('simulate and telemetry', () => {
  it('sends readings that are then in every answer', async () => {
    const summary = await millwrightJson<{ sent: number; acknowledged: number }>([
      'simulate',
      ...data(),
      '--gateways',
      '3',
      '--rate',
      '5/s',
      '--for',
      '4s',
    ])
    expect(summary).toMatchObject({ gateways: 3, online: 3, errors: 0 })
    expect(summary.acknowledged).toBe(summary.sent)
    expect(summary.sent).toBeGreaterThan(30)

    const gateway = ['--gateway', 'SIM-0002', ...data()]
    const { channels } = await millwrightJson<{
      channels: { channel: string; unit: string | null; latest: { time: string; value: number } }[]
    }>(['telemetry', 'latest', ...gateway])
    const power = channels.find(({ channel }) => channel === 'meter1/power')
    expect(power).toMatchObject({
      unit: 'kW',
      latest: { time: expect.stringMatching(/Z$/), value: expect.any(Number) },
    })

    const query = ['telemetry', 'query', ...gateway, '--channel', 'meter1/power', '--from', '-15m']
    const { readings } = await millwrightJson<{ readings: { time: string; value: number; seq: number }[] }>(
      query,
    )
    expect(readings.length).toBeGreaterThan(10)
    expect(readings.map(({ time }) => time)).toEqual(readings.map(({ time }) => time).sort())
    expect(readings.at(-1)?.value).toBe(power?.latest.value)
    expect(await millwrightJson([...query, '--limit', '3'])).toMatchObject({ readings: readings.slice(0, 3) })
    const lines = (await millwright(query)).stdout.trim().split('\n')
    expect(lines).toHaveLength(readings.length)
    expect(lines[0]).toBe(`${readings[0]?.time}  ${readings[0]?.value} kW`)

    const { buckets } = await millwrightJson<{ buckets: { count: number }[] }>([...query, '--buckets', '10'])
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(readings.length)

    const csv = (
      await millwright(['telemetry', 'export', ...gateway, '--channel', 'meter1/power', '--from', '-15m'])
    ).stdout
    expect(csv.trim().split(/\r?\n/)).toHaveLength(readings.length + 1)
    expect(csv).toContain(readings[0]?.time)
    await millwright(['telemetry', 'export', ...gateway, '--from', '-15m', '--out', at('all.csv')])
    expect(await readFile(at('all.csv'), 'utf8')).toContain('meter2/temperature')
    expect((await readdir(site.dir)).filter((name) => name.includes('.part'))).toEqual([])
  })

  it('takes the next free codes the second time, and the same gateways with --keep', async () => {
    const simulate = [
      'simulate',
      ...data(),
      '--gateways',
      '2',
      '--for',
      '1s',
      '--prefix',
      'KEEP-',
      '--keep',
      at('keys'),
    ]
    await millwrightJson(simulate)
    await millwrightJson(simulate)
    const list = ['gateways', 'list', ...data(), '--search', 'KEEP-']
    const { gateways } = await millwrightJson<{ gateways: { code: string; state: string }[] }>(list)
    expect(gateways).toMatchObject([
      { code: 'KEEP-0001', state: 'active' },
      { code: 'KEEP-0002', state: 'active' },
    ])
  })

  it('has boxes knock and claims them, and imports gateways from a CSV', async () => {
    const run = ['simulate', ...data(), '--gateways', '2', '--for', '3s']
    const ways = [
      ['--enroll', 'csr', '--claim'],
      ['--enroll', 'bootstrap', '--claim'],
      ['--enroll', 'csv'],
    ]
    const ended = await Promise.all(
      ways.map((way, index) => millwrightJson([...run, ...way, '--prefix', `WAY${index}-`])),
    )
    for (const summary of ended) expect(summary).toMatchObject({ gateways: 2, connects: 2, errors: 0 })
    const list = ['gateways', 'list', ...data(), '--search', 'WAY']
    const { gateways } = await millwrightJson<{ gateways: { code: string; state: string }[] }>(list)
    expect(gateways.filter(({ state }) => state === 'active')).toHaveLength(6)
    const wrong = await millwright([...run, '--claim'])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--enroll bootstrap') })
  })

  it('says goodbye for every gateway on Ctrl-C, and sums up', async () => {
    const args = ['simulate', ...data(), '--gateways', '2', '--prefix', 'END-', '--json']
    const child = spawn(process.execPath, [cliEntry, ...args], { env: bareEnvironment() })
    let stdout = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    const online = async () =>
      (
        await millwrightJson<{ gateways: { online: boolean }[] }>([
          'gateways',
          'list',
          ...data(),
          '--search',
          'END-',
        ])
      ).gateways
        .map((gateway) => gateway.online)
        .join()
    await expect.poll(online, { timeout: 20_000 }).toBe('true,true')
    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ gateways: 2, online: 2, errors: 0 })
    expect(await online()).toBe('false,false')
  })

  it('ends quietly when nobody reads on', async () => {
    const command = `"${process.execPath}" tools/bin/millwright.js telemetry query --data "${site.dataDir}" --gateway SIM-0001 --channel meter1/supply | head -n 1`
    const child = spawn('bash', ['-o', 'pipefail', '-c', command], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('stopping', () => {
  it('stops cleanly on SIGTERM and is gone for every command', async () => {
    expect(await site.stop()).toBe(0)
    expect((await millwright(['status', ...data()])).code).toBe(3)
    const listed = await millwright(['gateways', 'list', ...data(), '--json'])
    expect(listed.code).toBe(3)
    expect(JSON.parse(listed.stderr)).toMatchObject({ error: { code: 'site_not_running' } })
  })
})
