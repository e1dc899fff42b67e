import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { cloudUrlText, parseAdministratorUrl } from '#platform/postgres/cloud-url.ts'
import { CliError, causeOf } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { readSecretFile } from '../files/secret-file.ts'
import { askHidden, needTerminal } from '../sign-in/ask.ts'
import { addJsonOption } from '../site-options.ts'

/** Flags that say which Postgres, and as whom. */
export interface CloudFlags {
  url: string
  passwordFile?: string
  ca?: string
  json?: boolean
}

/** A login at a Postgres, read from flags, files and the environment. */
export interface CloudLoginInput {
  /** Without a password. */
  url: string
  password: string
  caCertificate: string | null
}

export function addCloudOptions(command: Command): Command {
  return addJsonOption(
    command
      .requiredOption('--url <address>', 'the Postgres: postgres://user@host:5432/database')
      .option(
        '--password-file <file>',
        'file with the password, - for standard input; else PGPASSWORD, else asked',
      )
      .option(
        '--ca <file>',
        'CA that signed the certificate of the server, in PEM; a public one where left out',
      ),
  )
}

/** @throws ExpectedError `cloud_url_invalid`; CliError `usage`, `file_not_readable` */
export async function readCloudLogin(
  { output }: CommandContext,
  flags: CloudFlags,
): Promise<CloudLoginInput> {
  const { password: written, ...url } = parseAdministratorUrl(flags.url)
  if (written !== null)
    output.note('The password in the address stays in the history of your shell: better give --password-file')
  return {
    url: cloudUrlText(url),
    password: written ?? (await passwordOf(flags, url.username)),
    caCertificate: flags.ca === undefined ? null : await readCaFile(flags.ca),
  }
}

async function passwordOf({ passwordFile }: CloudFlags, username: string): Promise<string> {
  if (passwordFile !== undefined) return readSecretFile(passwordFile, 'password')
  const given = process.env['PGPASSWORD']
  if (given !== undefined && given !== '') return given
  needTerminal('give --password-file or PGPASSWORD')
  return askHidden(`Password of ${username}: `)
}

async function readCaFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CliError('file_not_readable', `The CA file ${file} cannot be read: ${causeOf(error)}`, { file })
  }
}
