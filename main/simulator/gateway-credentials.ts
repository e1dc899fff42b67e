import type { z } from 'zod'
import type { ProvisionedSchema } from '#contract/api/gateways.ts'

/** What a box holds after provisioning: its name, its key, and where to connect. */
export interface GatewayCredentials {
  gatewayId: string
  code: string
  /** MQTT client id. */
  clientId: string
  host: string
  port: number
  telemetryTopic: string
  /** PEM: leaf and issuing CA. */
  certificate: string
  /** PEM. */
  privateKey: string
  /** PEM: the device root. */
  ca: string
}

/** The fields of a `provision` answer that a simulated gateway needs; over REST its times are text. */
export type ProvisionAnswer = Omit<z.infer<typeof ProvisionedSchema>, 'expires_at'>

export function toCredentials(answer: ProvisionAnswer): GatewayCredentials {
  const { certificate_pem: certificate, private_key_pem: privateKey } = answer
  if (certificate === null || privateKey === null)
    throw new Error(`${answer.code} has a secret: simulated gateways show certificates`)
  return {
    gatewayId: answer.gateway_id,
    code: answer.code,
    clientId: answer.mqtt_client_id,
    host: answer.mqtt_broker,
    port: answer.mqtt_port,
    telemetryTopic: answer.mqtt_topic,
    certificate,
    privateKey,
    ca: answer.ca_pem,
  }
}
