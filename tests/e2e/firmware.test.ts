import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleFiles, publisherKey, zipOf } from '#firmware/bundle/testing/bundle-files.ts'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** A bundle is imported, looked at, trusted and deleted; what is wrong with one is said. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
beforeAll(async () => {
  site = await startSite()
  browser = await startBrowser()
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
  await page.getByRole('link', { name: 'Firmware' }).click()
  await linkIs(page, 'live')
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const picture = (name: string) =>
  page.screenshot({ path: join(import.meta.dirname, 'output', `firmware-${name}.png`) })
const dialog = () => page.getByRole('dialog')
const panel = () => page.getByRole('complementary', { name: /^Bundle/ })

async function choose(files: { name: string; content: Buffer }[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await dialog().getByRole('button', { name: 'Files' }).click()
  const chosen = files.map(({ name, content }) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: content,
  }))
  await (await chooser).setFiles(chosen)
  await dialog().getByRole('button', { name: 'Import' }).click()
}

test('an empty catalogue says what belongs there', async () => {
  await page.getByText('No firmware yet').waitFor()
  await picture('empty')
  expect(await seriousFindings(page)).toEqual([])
})

test('what is wrong with a bundle is said, and another file can be chosen', async () => {
  await page.getByRole('button', { name: 'Import' }).first().click()
  const wrong = bundleFiles({ files: (files) => files.set('esp32/app.bin', Buffer.from('hello')) })
  await choose([{ name: 'wrong.zip', content: await zipOf(wrong) }])
  await dialog().getByText('esp32/app.bin begins with 0x68 and not with 0xe9').waitFor()
  await picture('refused')
  expect((await site.local.get('/api/v1/firmware/bundles')).json).toEqual({ bundles: [] })
})

test('manifest.json and its parts, chosen one by one: taken in, with a map of the flash', async () => {
  const files = [...bundleFiles({ sign: true })].filter(([path]) => !/-(s3|c3)\//.test(path))
  await choose(files.map(([path, content]) => ({ name: path.split('/').at(-1) ?? '', content })))
  await panel().getByText('Signed by a publisher that is not trusted here').waitFor()
  await panel().getByRole('cell', { name: '0x20000' }).waitFor()
  await picture('bundle')
  expect(await seriousFindings(page)).toEqual([])
})

test('the same ZIP again, dropped on the screen: it is said that it is here', async () => {
  const zip = await zipOf(bundleFiles({ sign: true }))
  const transfer = await page.evaluateHandle((text) => {
    const dropped = new DataTransfer()
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    dropped.items.add(new File([bytes], 'sim.zip'))
    return dropped
  }, zip.toString('base64'))
  await page.getByRole('tabpanel').dispatchEvent('drop', { dataTransfer: transfer })
  await dialog().getByRole('button', { name: 'Import' }).click()
  await dialog().getByText('Simulated gateway 1.0.0 is here already').waitFor()
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  expect((await site.local.get('/api/v1/firmware/bundles')).json.bundles).toHaveLength(1)
})

test('its publisher is trusted, and the bundle counts as signed', async () => {
  await panel().getByRole('button', { name: 'Trust a publisher' }).click()
  await dialog().getByLabel('Name').fill('Test lab')
  await dialog().getByRole('button', { name: 'Trust a publisher' }).click()
  await panel().getByText('Signed by Test lab').waitFor()
  await page.getByRole('tab', { name: 'Publishers' }).click()
  await page.getByText('1 bundle', { exact: false }).waitFor()
  const pem = createPublicKey(publisherKey).export({ type: 'spki', format: 'pem' }).toString()
  const { publishers } = (await site.local.get('/api/v1/firmware/publishers')).json
  expect(pem).toContain(publishers[0].publicKey)
  await page.getByLabel('Flash only bundles of trusted publishers').click({ force: true })
  await expect
    .poll(async () => (await site.local.get('/api/v1/firmware/settings')).json.signedOnly)
    .toBe(true)
  await picture('publishers')
  expect(await seriousFindings(page)).toEqual([])
})

test('in the dark, from the keyboard: found with Ctrl-K, downloaded, deleted', async () => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.keyboard.press('Control+K')
  await dialog().getByRole('textbox').fill('firmware')
  await dialog().getByText('Firmware', { exact: true }).first().waitFor()
  await page.keyboard.press('Enter')
  const row = page.getByRole('grid', { name: 'Firmware' }).getByRole('row', { name: /Simulated gateway/ })
  await row.click()
  await panel().getByRole('button', { name: 'Download' }).waitFor()
  await picture('dark')
  expect(await seriousFindings(page)).toEqual([])
  const download = page.waitForEvent('download')
  await panel().getByRole('button', { name: 'Download' }).click()
  expect((await download).suggestedFilename()).toBe('simulated-gateway-1.0.0.zip')
  await panel().getByRole('button', { name: 'Delete' }).click()
  await dialog().getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByText('No firmware yet').waitFor()
  expect(visitor.complaints).toEqual([])
})
