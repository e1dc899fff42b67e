import { createReadStream } from 'node:fs'
import { CliError, causeOf } from '../cli-error.ts'

/** A small file, or `-` for standard input. @throws CliError `file_not_readable`, also where it has more than `most` bytes */
export async function readBounded(path: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      const part = chunk as Buffer
      chunks.push(part)
      bytes += part.length
      if (bytes > most) break
    }
  } catch (error) {
    throw new CliError('file_not_readable', `${path} cannot be read: ${causeOf(error)}`, { file: path })
  }
  if (bytes > most)
    throw new CliError('file_not_readable', `${path} has more than ${most} bytes`, { file: path })
  return Buffer.concat(chunks)
}
