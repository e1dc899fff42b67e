import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CliError, causeOf } from '../cli-error.ts'

/**
 * A password or passphrase from a file (`-`: standard input), never from an argument, which every user of the
 * machine could read in the process list. One line break at the end is the editor's, not the password's.
 *
 * @throws CliError `file_not_readable`, also for an empty one
 */
export async function readSecretFile(path: string, what: string): Promise<string> {
  let content: string
  try {
    content = path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    throw new CliError('file_not_readable', `The ${what} file ${path} cannot be read: ${causeOf(error)}`, {
      file: path,
    })
  }
  const secret = content.replace(/^\u{feff}/u, '').replace(/\r?\n$/, '')
  if (secret === '')
    throw new CliError('file_not_readable', `The ${what} file ${path} is empty`, { file: path })
  return secret
}
