import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { buildNvs, nvsSizeFor, parseNvsCsv } from '#firmware/nvs/index.ts'
import { CliError, causeOf } from '../cli-error.ts'
import { openOutputFile } from '../files/output-file.ts'
import { readBounded } from '../files/read-bounded.ts'
import type { Output } from '../output.ts'
import { keyOf } from './key-of.ts'
import { IMAGE_MOST } from './read-image.ts'

export interface BuildFlags {
  size: number
  out: string
  keyFile?: string
  force?: boolean
  json?: boolean
}

/** Bytes. */
const CSV_MOST = 4 * 1024 * 1024
/** Bytes: the longest blob in hexadecimal digits has a bit less. */
const VALUE_FILE_MOST = 2 * 1024 * 1024

/** `millwright nvs build`. */
export async function buildImage(output: Output, csv: string, flags: BuildFlags): Promise<void> {
  if (flags.size > IMAGE_MOST) throw new CliError('usage', `--size is ${IMAGE_MOST} bytes at the most`)
  const key = await keyOf(flags.keyFile)
  const text = (await readBounded(csv, CSV_MOST)).toString()
  const folder = csv === '-' ? '.' : dirname(csv)
  const contents = parseNvsCsv(text, (path) => readValueFile(resolve(folder, path), path))
  const image = buildNvs(contents, { size: flags.size, key })
  // It holds keys and passwords.
  const file = await openOutputFile(flags.out, { mode: 0o600, overwrite: flags.force ?? false })
  try {
    await file.write(image)
    await file.commit()
  } finally {
    await file.discard()
  }
  const values = Object.values(contents).reduce((sum, one) => sum + Object.keys(one).length, 0)
  const facts = {
    file: flags.out,
    size: flags.size,
    least: nvsSizeFor(contents),
    namespaces: Object.keys(contents).length,
    values,
  }
  if (flags.json) output.json({ ...facts, encrypted: key !== null })
  else
    output.facts([
      ['file', facts.file],
      ['bytes', `${facts.size} of which ${facts.least} are needed`],
      ['namespaces', facts.namespaces],
      ['values', facts.values],
      ['encrypted', key === null ? 'no' : 'yes'],
    ])
}

/** @param named as it stands in the CSV file, for messages */
function readValueFile(path: string, named: string): Uint8Array {
  try {
    if (statSync(path).size > VALUE_FILE_MOST) throw new Error(`it has more than ${VALUE_FILE_MOST} bytes`)
    return readFileSync(path)
  } catch (error) {
    throw new Error(`${named} cannot be read: ${causeOf(error)}`, { cause: error })
  }
}
