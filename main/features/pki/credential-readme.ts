import type { CredentialBundle } from './credential-zip.ts'

/** README.txt of a credential's ZIP: plain words, lines that can be copied into a shell. */
export function credentialReadme(bundle: CredentialBundle): string {
  const { gateway, siteName, mqtt, credential } = bundle
  return `Credential of gateway ${oneLine(gateway.code)} (${oneLine(gateway.name)})
Site:          ${oneLine(siteName)}
${gateway.mac ? `MAC:           ${gateway.mac}\n` : ''}Gateway id:    ${gateway.id}
${credential.kind === 'key' ? `Valid until:   ${new Date(credential.notAfter).toISOString().slice(0, 10)}\n` : ''}Broker:        ${mqtt.hosts.map((name) => `${name}:${mqtt.port}`).join(', ')}
MQTT client:   ${mqtt.clientId}
${mqtt.mqtt_username === null ? '' : `MQTT user:     ${mqtt.mqtt_username}\n`}
${credential.kind === 'key' ? aboutKey(bundle) : aboutSecret(bundle)}`
}

function aboutKey({ command }: CredentialBundle): string {
  return `What is in here
  client.crt   the gateway's certificate and the CA that signed it. Not secret.
  client.key   its private key. SECRET: whoever has it can pose as this gateway.
  ca.crt       the site's device root: with it the gateway knows the real broker. Not secret.
  config.json  broker, client id and topics, for programs. Not secret.

Keep client.key on the gateway only. Do not mail it, and delete this ZIP once the
gateway is online. The site erases its own copy as soon as the gateway has connected,
you confirm the download, or 24 hours have passed; it cannot be fetched again then.
If the key gets into wrong hands, revoke the gateway on the site: it is locked out at once.

${tryIt(command)}On Linux (Raspberry Pi)
  Put the files in a folder that only the gateway program can read, for example
    sudo install -d -m 700 /etc/millwright-gateway
    sudo install -m 600 client.key client.crt ca.crt config.json /etc/millwright-gateway/

On an ESP32
  Give the three PEM texts to the TLS client of the firmware (esp-mqtt:
  broker.verification.certificate = ca.crt, credentials.authentication.certificate =
  client.crt, credentials.authentication.key = client.key). A board without a clock
  connects too: the broker's certificate is valid since 2020.
`
}

function aboutSecret({ mqtt, command }: CredentialBundle): string {
  return `What is in here
  config.json  broker, client id, topics, user name and PASSWORD. SECRET: whoever has it can
               pose as this gateway.
  ca.crt       the site's device root: with it the gateway knows the real broker. Not secret.

Keep the password on the gateway only. Do not mail it, and delete this ZIP once the
gateway is online. The site erases its own copy as soon as the gateway has connected,
you confirm the download, or 24 hours have passed; it cannot be fetched again then.
If it gets into wrong hands, revoke the gateway on the site: it is locked out at once.

${tryIt(command)}Port ${mqtt.port} takes passwords over TLS; it is open once the site's settings say so.
`
}

function tryIt(command: string | null): string {
  if (command === null) return ''
  return `Try it (mosquitto-clients)
${command.replace(/^/gm, '  ')}

  The client id (-i) must be exactly the one above, and the host one of those listed:
  the broker refuses other ids, the client refuses other hosts.

`
}

/** A name that people gave must not write further lines of this text. */
function oneLine(name: string): string {
  return name.replace(/\p{Cc}+/gu, ' ')
}
