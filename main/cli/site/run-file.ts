import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { CliError, causeOf } from '../cli-error.ts'

/** `<data>/run.json`, written by a running site once it accepts connections, removed when it stops. */
const RunFileSchema = z.object({
  pid: z.number().int(),
  version: z.string(),
  startedAt: z.union([z.string(), z.number()]),
  /** Unix socket, or the Windows pipe. */
  socket: z.string(),
  /** Holds the token that the pipe's callers prove to know. */
  tokenFile: z.string().nullish(),
  url: z.string().nullish(),
  httpUrl: z.string().nullish(),
  mqtts: z.string().nullish(),
  deviceHttps: z.string().nullish(),
})
export type RunFile = z.infer<typeof RunFileSchema>

/** @throws ExpectedError `site_not_running` when no site wrote one */
export async function readRunFile(dataDir: string): Promise<RunFile> {
  const path = join(dataDir, 'run.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new ExpectedError('site_not_running', { dir: dataDir }, { cause: error })
    }
    throw new CliError(
      'file_not_readable',
      `${path} cannot be read: ${causeOf(error)}`,
      { file: path },
      { cause: error },
    )
  }
  try {
    return RunFileSchema.parse(JSON.parse(text))
  } catch (error) {
    // A site that was killed while it wrote: nothing runs, or it writes a whole one at its next start.
    throw new ExpectedError('site_not_running', { dir: dataDir }, { cause: error })
  }
}
