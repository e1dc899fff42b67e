import { createPublicKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandContext } from '#cli/command-context.ts'
import { Output } from '#cli/output.ts'
import { createProgram } from '#cli/program.ts'
import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { bundleFiles, publisherKey, readZip, zipOf } from '#firmware/bundle/testing/bundle-files.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

let site: TestSite
let people: People
let south: string
let admin: { cookie: string }
beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  south = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  admin = { cookie: await people.cookie(await people.add('tenant_admin', south)) }
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

const zipType = { 'content-type': 'application/zip' }

test('a ZIP is taken in by REST, seen by its tenant alone, and given back; the audit has it', async () => {
  const zip = await zipOf(bundleFiles({ sign: true }))
  const made = await site.browser.send('POST', '/api/v1/firmware/bundles?name=sim.zip', zip, {
    ...admin,
    ...zipType,
  })
  expect(made.status).toBe(201)
  expect(made.json).toMatchObject({ name: 'Simulated gateway', tenant: { id: south }, trust: 'untrusted' })
  const { id, hash } = made.json
  const back = await site.browser.get(`/api/v1/firmware/bundles/${id}/zip`, admin)
  expect(back.headers['content-disposition']).toContain('simulated-gateway-1.0.0.zip')
  expect((await readZip(back.bytes)).facts.contentHash).toBe(hash)
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const north = tenants.find((one: { id: string }) => one.id !== south).id
  const other = { cookie: await people.cookie(await people.add('tenant_admin', north)) }
  expect((await site.browser.get('/api/v1/firmware/bundles', other)).json).toEqual({ bundles: [] })
  for (const path of [`/api/v1/firmware/bundles/${id}`, `/api/v1/firmware/bundles/${id}/zip`])
    expect((await site.browser.get(path, other)).status).toBe(404)
  expect((await site.browser.send('DELETE', `/api/v1/firmware/bundles/${id}`, undefined, other)).status).toBe(
    404,
  )
  const { entries } = (await site.local.get('/api/v1/audit?action=firmware.import')).json
  expect(entries[0]).toMatchObject({ outcome: 'done', tenant: { id: south } })
})

test('the same in parts, as the desktop sends it; what is refused says why and leaves nothing', async () => {
  const api = await people.api(await people.add('tenant_admin', south))
  const send = async (zip: Buffer) => {
    let uploadId: string | undefined
    for (let offset = 0; offset < zip.length; offset += UPLOAD_PART) {
      const data = zip.subarray(offset, offset + UPLOAD_PART).toString('base64')
      const answer = await api.firmware.upload({ offset, data, name: 'x.zip', ...(uploadId && { uploadId }) })
      uploadId = answer.uploadId
    }
    return api.firmware.import({ uploadId: uploadId ?? '' })
  }
  expect(await send(await zipOf(bundleFiles()))).toMatchObject({ trust: 'unsigned' })
  const wrong = bundleFiles({ files: (files) => files.set('esp32/app.bin', Buffer.from('hello')) })
  await expect(send(await zipOf(wrong))).rejects.toMatchObject({ code: 'bundle_image_none' })
  await expect(
    api.firmware.import({ uploadId: '0197f3a0-0000-7000-8000-000000000000' }),
  ).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('from the command line: a folder, found by name and version, trusted, asked for, deleted', async () => {
  const out: string[] = []
  const run = async (...args: string[]) => {
    const stdout = new PassThrough()
    const context = new CommandContext(new Output(stdout, new PassThrough()), Date.now)
    await createProgram(context).parseAsync(['firmware', ...args, '--data', site.dataDir], { from: 'user' })
    stdout.end()
    out.push(await text(stdout))
    return out.at(-1) ?? ''
  }
  const folder = resolve(import.meta.dirname, '../../../resources/firmware/sim-gateway')
  expect(await run('import', join(folder, 'manifest.json'))).toContain('unknown publisher')
  const key = join(site.dataDir, 'publisher.pub')
  await writeFile(key, createPublicKey(publisherKey).export({ type: 'spki', format: 'pem' }))
  expect(await run('publishers', 'add', 'Test lab', '--key', key)).toContain('is trusted')
  expect(await run('list', '--tenant', 'south')).toContain('signed by Test lab')
  expect(await run('publishers', 'list')).toContain('the site')
  expect(await run('signed-only', 'on', '--tenant', 'south')).toContain('flashes only bundles')
  const { bundles } = JSON.parse(await run('list', '--json'))
  const ours = bundles.find((bundle: { tenant: unknown }) => bundle.tenant === null)
  const shown = await run('show', ours.hash.slice(0, 12))
  for (const word of [
    'simulated boards only',
    'signed by Test lab',
    'ESP32-S3: sim-gateway 1.0.0',
    '0x20000',
  ])
    expect(shown).toContain(word)
  await expect(run('remove', 'Simulated gateway@1.0.0')).rejects.toMatchObject({ code: 'not_found' })
  expect(await run('remove', ours.id)).toBe('Simulated gateway 1.0.0 is deleted\n')
  expect(await run('publishers', 'remove', 'Test lab')).toBe('Test lab is trusted no more\n')
})
