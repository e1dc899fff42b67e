import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, readFile, rm } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const TOKEN_BYTES = 32

/**
 * Writes a new token that only the owner of the process can read, for as long as the engine runs. It need not
 * outlive a power cut: the next start writes another.
 */
export async function writeLocalToken(file: string): Promise<Uint8Array> {
  const token = randomBytes(TOKEN_BYTES)
  await rm(file, { force: true })
  const handle = await open(file, 'wx', 0o600)
  try {
    // Closed to others before there is anything to read.
    if (process.platform === 'win32') await restrictOnWindows(file)
    await handle.writeFile(`${token.toString('hex')}\n`)
  } finally {
    await handle.close()
  }
  return token
}

/** @throws Error where the file is missing, not for this user, or holds no token */
export async function readLocalToken(file: string): Promise<Uint8Array> {
  const text = (await readFile(file, 'utf8')).trim()
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${file} holds no token`)
  return Buffer.from(text, 'hex')
}

/**
 * Windows files have no mode: inherited rights are dropped, and only this account and administrators (who are what
 * root is elsewhere) are let in. Untested on Windows itself.
 */
async function restrictOnWindows(file: string): Promise<void> {
  const icacls = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'icacls.exe')
  const administrators = '*S-1-5-32-544'
  const rights = [`${userInfo().username}:F`, `${administrators}:F`].flatMap((right) => ['/grant:r', right])
  await promisify(execFile)(icacls, [file, '/inheritance:r', ...rights])
}
