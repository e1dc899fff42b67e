import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type CommandFacts, publishCommand } from './publish-command.ts'

const facts: CommandFacts = {
  hosts: ['plant1.local', '10.0.0.5'],
  port: 8883,
  clientId: 'aabbccddee01',
  username: null,
  credential: 'certificate',
  fingerprint: 'ab'.repeat(32),
  secret: null,
  example: { topic: 'mw/aabbccddee01/telemetry', payload: '{"values": {"temperature": 21.4}}' },
}

test('a certificate, a secret and both sign in as they must', () => {
  expect(publishCommand(facts)).toBe(
    [
      'mosquitto_pub -h plant1.local -p 8883 -i aabbccddee01 \\',
      '  --cafile ca.crt --cert client.crt --key client.key \\',
      '  -q 1 -t mw/aabbccddee01/telemetry \\',
      `  -m '{"values": {"temperature": 21.4}}'`,
    ].join('\n'),
  )
  const secret = publishCommand({ ...facts, credential: 'secret', username: 'pump-7', port: 8884 })
  expect(secret).toContain('  --cafile ca.crt -u pump-7 -P "$SECRET" \\')
  expect(publishCommand({ ...facts, credential: 'secret', username: 'u', secret: 'f00' })).toContain(
    '-u u -P f00 ',
  )
  expect(publishCommand({ ...facts, credential: 'both', username: 'u' })).toContain(
    `--key client.key -u u -P ${'ab'.repeat(32)} `,
  )
})

test('names of people stay one word of the shell', async () => {
  const topic = `devices/it's $(date) \`x\`/t`
  const command = publishCommand({
    ...facts,
    clientId: 'a b;c',
    username: `"o'k"`,
    credential: 'both',
    example: { topic, payload: `'"` },
  })
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    command.replace('mosquitto_pub', `printf '%s\\n'`),
  ])
  const words = stdout.split('\n')
  for (const word of ['a b;c', `"o'k"`, topic, `'"`]) expect(words).toContain(word)
})
