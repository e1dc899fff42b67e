import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { electronBinary } from '#tools/start/electron-binary.ts'

export const root = resolve(import.meta.dirname, '../..')

/** Folders of one test: the person's profile and the site's data. */
export interface Place {
  profile: string
  dataDir: string
  env: Record<string, string>
  remove(): void
}

export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'desktop-'))
  const dataDir = join(folder, 'site')
  return {
    profile: join(folder, 'profile'),
    dataDir,
    env: {
      ...(process.env as Record<string, string>),
      MILLWRIGHT_DATA: dataDir,
      MILLWRIGHT_HTTPS_PORT: '0',
      MILLWRIGHT_DEVICE_HTTPS_PORT: '0',
      MILLWRIGHT_MQTTS_PORT: '0',
      MILLWRIGHT_HTTP_PORT: '0',
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The Electron binary; these tests exist to run it, so without it they fail and say how to get it. */
export function requireElectron(): string {
  const path = electronBinary(join(root, 'node_modules/electron'))
  if (!path) throw new Error('Fetch the Electron binary first: npx install-electron')
  return path
}

export async function launch(place: Place): Promise<{ app: ElectronApplication; page: Page }> {
  const app = await _electron.launch({
    executablePath: requireElectron(),
    args: [root, `--user-data-dir=${place.profile}`],
    env: place.env,
  })
  return { app, page: await app.firstWindow() }
}

/** Sets the site up unattended, as `millwright setup` does. */
export async function setUp(place: Place): Promise<void> {
  const passwordFile = `${place.dataDir}.password`
  writeFileSync(passwordFile, 'a plant of many gateways\n', { mode: 0o600 })
  await promisify(execFile)(process.execPath, [
    join(root, 'dist/main/cli/main.js'),
    'setup',
    '--data',
    place.dataDir,
    '--site',
    'Plant 1',
    '--admin',
    'ana@plant.example',
    '--password-file',
    passwordFile,
  ])
}
