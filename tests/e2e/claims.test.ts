import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jsQR from 'jsqr'
import { connectAsync, type MqttClient } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { qrPicture, y4m } from '#tests/fixtures/qr-picture.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** Boxes that knock, claimed by list, by the camera of a phone, by a photo and in bulk; then their labels. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
/** What the camera shows: the activation token of this box. */
let shown: Knocked
const video = join(tmpdir(), `mw-camera-${process.pid}.y4m`)

interface Knocked {
  poll_secret: string
  activation_token: string
}

beforeAll(async () => {
  site = await startSite()
  shown = await knock({ mac_address: '24:6f:28:a1:b2:c3', chip: 'ESP32', firmware: '1.2.0' })
  await writeFile(video, y4m([qrPicture(`https://plant.local:8443/claims?token=${shown.activation_token}`)]))
  browser = await startBrowser([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${video}`,
  ])
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await rm(video, { force: true })
})

async function knock(said: object): Promise<Knocked> {
  const { status, json } = await site.browser.post('/api/v1/gateways/bootstrap', said)
  expect(status).toBe(202)
  return json
}

async function open(path: string, on = page): Promise<void> {
  await on.goto(path)
  await linkIs(on, 'live')
}

const row = (name: string | RegExp, on = page) =>
  on.getByRole('grid', { name: 'Claims' }).getByRole('row', { name })
const dialog = (name: string | RegExp, on = page) => on.getByRole('dialog', { name })

test('a box appears while one looks, in a window that counts down, and is claimed from the list', async () => {
  await open('/claims')
  await row(/24:6f:28:a1:b2:c3/).waitFor()
  await page.getByText('No claim window is open.').waitFor()
  await page.getByRole('button', { name: 'Open claim window' }).click()
  await dialog('Open a claim window').getByRole('button', { name: 'Open claim window' }).click()
  const timer = page.getByRole('timer')
  expect(await timer.innerText()).toMatch(/^(30:00|29:5\d)$/)
  const first = await timer.innerText()
  await expect.poll(() => timer.innerText()).not.toBe(first)

  await knock({ label: 'ESM-X1Y2Z3', chip: 'STM32', credential: 'secret' })
  await row(/ESM-X1Y2Z3/).click()
  const panel = page.getByRole('complementary', { name: 'Box ESM-X1Y2Z3' })
  await panel.getByText('Secret', { exact: true }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await panel.getByRole('button', { name: 'Claim', exact: true }).click()
  const form = dialog('Claim a box')
  await form.getByLabel('Code', { exact: true }).fill('no good')
  await form.getByText('Use 1 to 30 letters').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await form.getByLabel('Code', { exact: true }).fill('GW001')
  await form.getByLabel('Name', { exact: true }).fill('Boiler room')
  await form.getByLabel('Name', { exact: true }).press('Enter')
  await dialog('Claimed').getByText('GW001 Boiler room is claimed').waitFor()
  await page.keyboard.press('Escape')
  await row(/ESM-X1Y2Z3/).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByText('No claim window is open.').waitFor()
})

test('a phone claims the box whose code its camera sees, and is told when it is online', async () => {
  const phone = await visit(browser, site.addresses.http ?? '', {
    viewport: { width: 400, height: 800 },
    colorScheme: 'dark',
    storageState: await visitor.context.storageState(),
  })
  await open('/claims', phone.page)
  await phone.page.getByRole('button', { name: 'Scan or type' }).click()
  const form = dialog('Claim a box', phone.page)
  await form.getByText('The box that this code belongs to').waitFor()
  expect(await seriousFindings(phone.page)).toEqual([])
  await form.getByLabel('Code', { exact: true }).fill('GW002')
  await form.getByRole('button', { name: 'Claim', exact: true }).click()
  await dialog('Claimed', phone.page)
    .getByText(/^GW002 /)
    .waitFor()
  // The camera's lamp is off once the code was read.
  expect(await phone.page.locator('video').count()).toBe(0)
  await phone.page.keyboard.press('Escape')
  const box = await goOnline(shown.poll_secret)
  await phone.page
    .getByRole('status')
    .getByText(/^GW002 .* is online$/)
    .waitFor()
  await box.endAsync(true)
  expect(phone.complaints).toEqual([])
  await phone.context.close()
})

test('a photo of a code does as well, and a bad one says what to do', async () => {
  await knock({ mac_address: '24:6f:28:a1:b2:c4' })
  await open('/claims')
  // Without the camera's picture, whose code is used by now.
  await visitor.context.addInitScript(() => {
    Object.defineProperty(navigator.mediaDevices, 'getUserMedia', {
      value: () => Promise.reject(new DOMException('no', 'NotFoundError')),
    })
  })
  await open('/claims')
  await page.getByRole('button', { name: 'Scan or type' }).click()
  const which = dialog('Which box')
  await which.getByText('No camera was found').waitFor()
  const choose = async (name: string, buffer: Buffer) =>
    which.locator('input[type="file"]').setInputFiles({ name, mimeType: 'image/jpeg', buffer })
  await choose('broken.jpg', Buffer.from('no picture at all'))
  await which.getByText('The file is no picture that this browser opens').waitFor()
  await choose('grey.jpg', await photo('', 800, 0))
  await which.getByText('No QR code was found in the photo').waitFor()
  await choose('odd.jpg', await photo('WIFI:S:plant;P:secret;;', 800, 0))
  await which.getByText('This QR code says nothing of a box').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await choose('label.jpg', await photo('ESP-A1B2C4', 3_000, 28))
  const form = dialog('Claim a box')
  // A label that one box of the list has is that box: all that is known of it is shown.
  await form.getByText('24:6f:28:a1:b2:c4').waitFor()
  await form.getByRole('button', { name: 'Claim', exact: true }).click()
  await dialog('Claimed').getByText('ESP-A1B2C4 ESP-A1B2C4 is claimed').waitFor()
})

test('many are claimed at once with codes that count on, and their labels are read by a scanner', async () => {
  await open('/claims')
  for (let n = 1; n <= 8; n++) await knock({ mac_address: `24:6f:28:00:00:0${n}` })
  await knock({ mac_address: '24:6f:28:00:00:08' })
  await row(/ESP-000008/)
    .nth(1)
    .waitFor()
  await page.getByRole('button', { name: 'Claim all 7' }).click()
  const many = dialog('Claim 7 boxes')
  await many.getByText('2 of them knock under names that other boxes use too').waitFor()
  await many.getByText(/: GW003, GW004 and so on/).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await many.getByRole('button', { name: 'Claim 7 boxes' }).click()
  await many.getByText('7 claimed, 2 not').waitFor()
  await many.getByRole('button', { name: 'Labels' }).click()
  const labels = dialog(/^Labels of \d+ gateways$/)
  const picture = labels.getByRole('img', { name: /^The first sheet/ })
  await picture.waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await codeIn(picture)).toMatch(/^ESP-00000[1-7]$/)
  const saved = page.waitForEvent('download')
  await labels.getByRole('button', { name: 'Save labels' }).click()
  expect((await saved).suggestedFilename()).toBe('labels-a4-24.pdf')
  await labels.getByText('Print it at 100 %').waitFor()
  expect(visitor.complaints).toEqual([])
  expect(visitor.outside).toEqual([])
})

test('the address on a label leads to its gateway, and one that nobody has to claiming it', async () => {
  await open('/label/esm-x1y2z3')
  await page.getByRole('heading', { name: 'GW001' }).waitFor()
  expect(new URL(page.url()).pathname).toMatch(/^\/gateways\//)
  await open('/label/ESP-FFFFFF')
  await page.getByRole('link', { name: 'Claim it' }).click()
  await dialog('Claim a box').getByText('ESP-FFFFFF').waitFor()
})

/** What the box does once it is claimed: fetches its credential and connects. */
async function goOnline(pollSecret: string): Promise<MqttClient> {
  const authorization = `Bearer ${pollSecret}`
  const { json } = await site.browser.get('/api/v1/gateways/bootstrap/credential', { authorization })
  return connectAsync(`mqtts://127.0.0.1:${json.mqtt_port}`, {
    protocolVersion: 4,
    clientId: json.mqtt_client_id,
    ca: json.ca_pem,
    cert: json.certificate_pem,
    key: json.private_key_pem,
    // The certificate names the site's hosts.
    rejectUnauthorized: false,
    reconnectPeriod: 0,
  })
}

/** A photo of a label, turned and on grey, as a phone takes it. @param text empty: nothing but grey */
async function photo(text: string, side: number, turn: number): Promise<Buffer> {
  const { width, height, light } = qrPicture(text === '' ? ' ' : text, {
    width: 160,
    height: 120,
    share: 0.9,
  })
  const url = await page.evaluate(
    ([isEmpty, values, from, to, angle]) => {
      const small = new OffscreenCanvas(from.width, from.height)
      const pixels = new ImageData(from.width, from.height)
      for (const [at, char] of [...atob(values)].entries()) {
        const value = char.charCodeAt(0)
        pixels.data.set([value, value, value, 255], at * 4)
      }
      small.getContext('2d')?.putImageData(pixels, 0, 0)
      const canvas = document.createElement('canvas')
      canvas.width = to
      canvas.height = (to * 3) / 4
      const context = canvas.getContext('2d')
      if (context === null) throw new Error('no canvas')
      context.fillStyle = 'rgb(140 140 140)'
      context.fillRect(0, 0, canvas.width, canvas.height)
      context.translate(canvas.width / 2, canvas.height / 2)
      context.rotate((angle * Math.PI) / 180)
      context.imageSmoothingEnabled = false
      if (!isEmpty) context.drawImage(small, -to / 4, (-to * 3) / 16, to / 2, (to * 3) / 8)
      return canvas.toDataURL('image/jpeg', 0.8)
    },
    [text === '', Buffer.from(light).toString('base64'), { width, height }, side, turn] as const,
  )
  return Buffer.from(url.split(',')[1] ?? '', 'base64')
}

/** The QR code of the first label, read from the picture of the sheet as the page shows it, four times as large. */
async function codeIn(picture: ReturnType<Page['getByRole']>): Promise<string | null> {
  const { light, width, height } = await picture.evaluate((shownImage) => {
    const image = shownImage as HTMLImageElement
    const canvas = document.createElement('canvas')
    // The first label of three times eight on A4, with some room around it.
    canvas.width = 400
    canvas.height = 240
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    const scale = 1_200 / image.naturalWidth
    context.drawImage(image, 0, -60, 1_200, image.naturalHeight * scale)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    // As text: a list of numbers takes the debugger's line a minute.
    const red = Array.from({ length: data.length / 4 }, (_, at) => String.fromCharCode(data[at * 4] ?? 0))
    return { light: btoa(red.join('')), width: canvas.width, height: canvas.height }
  })
  const pixels = Uint8ClampedArray.from(
    [...Buffer.from(light, 'base64')].flatMap((one) => [one, one, one, 255]),
  )
  return jsQR(pixels, width, height)?.data ?? null
}
