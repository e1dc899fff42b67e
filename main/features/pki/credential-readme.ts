import type { CredentialBundle } from './credential-zip.ts'

/** README.txt of a credential's ZIP: plain words, lines that can be copied into a shell. */
export function credentialReadme({ gateway, siteName, mqtt, certificateNotAfter }: CredentialBundle): string {
  const host = mqtt.hosts[0] ?? 'localhost'
  const topic = mqtt.topics.telemetry ?? 'telemetry'
  const expires = new Date(certificateNotAfter).toISOString().slice(0, 10)
  return `Credential of gateway ${oneLine(gateway.code)} (${oneLine(gateway.name)})
Site:          ${oneLine(siteName)}
${gateway.mac ? `MAC:           ${gateway.mac}\n` : ''}Gateway id:    ${gateway.id}
Valid until:   ${expires}
Broker:        ${mqtt.hosts.map((name) => `${name}:${mqtt.port}`).join(', ')}
MQTT client:   ${mqtt.clientId}

What is in here
  client.crt   the gateway's certificate and the CA that signed it. Not secret.
  client.key   its private key. SECRET: whoever has it can pose as this gateway.
  ca.crt       the site's device root: with it the gateway knows the real broker. Not secret.
  config.json  broker, client id and topics, for programs. Not secret.

Keep client.key on the gateway only. Do not mail it, and delete this ZIP once the
gateway is online. The site erases its own copy as soon as the gateway has connected,
you confirm the download, or 24 hours have passed; it cannot be fetched again then.
If the key gets into wrong hands, revoke the gateway on the site: it is locked out at once.

Try it (mosquitto-clients)
  mosquitto_pub -h ${host} -p ${mqtt.port} -i ${mqtt.clientId} \\
    --cafile ca.crt --cert client.crt --key client.key \\
    -q 1 -t ${topic} -m '{"values": {"temperature": 21.4}}'

  The client id (-i) must be exactly the one above, and the host one of those listed:
  the broker refuses other ids, the client refuses other hosts.

On Linux (Raspberry Pi)
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

/** A name that people gave must not write further lines of this text. */
function oneLine(name: string): string {
  return name.replace(/\p{Cc}+/gu, ' ')
}
