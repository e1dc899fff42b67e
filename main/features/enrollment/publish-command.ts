import type { CredentialKind } from '#contract/model/gateway.ts'

export interface CommandFacts {
  hosts: string[]
  port: number
  clientId: string
  username: string | null
  credential: CredentialKind
  /** SHA-256 of its certificate, which goes with `both`. */
  fingerprint: string | null
  /** Null: it is not to be in the command, the shell has it in `$SECRET`. */
  secret: string | null
  example: { topic: string; payload: string }
}

/** A first reading with mosquitto's client, from the folder that holds the files of the ZIP. */
export function publishCommand(facts: CommandFacts): string {
  const { hosts, port, clientId, username, credential, example } = facts
  const files =
    credential === 'secret' ? '--cafile ca.crt' : '--cafile ca.crt --cert client.crt --key client.key'
  const signIn = username === null ? '' : ` -u ${shellWord(username)} -P ${passwordOf(facts)}`
  return [
    `mosquitto_pub -h ${shellWord(hosts[0] ?? 'localhost')} -p ${port} -i ${shellWord(clientId)} \\`,
    `  ${files}${signIn} \\`,
    `  -q 1 -t ${shellWord(example.topic)} \\`,
    `  -m ${quoted(example.payload)}`,
  ].join('\n')
}

function passwordOf({ credential, fingerprint, secret }: CommandFacts): string {
  if (credential !== 'secret') return shellWord(fingerprint ?? '')
  return secret === null ? '"$SECRET"' : shellWord(secret)
}

/** As it stands where a POSIX shell takes it for one word, else in quotes: names come from people. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : quoted(text)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
