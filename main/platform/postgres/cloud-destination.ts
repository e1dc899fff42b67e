import type { CloudUrl } from './cloud-url.ts'

/** Where a cloud is, how one signs in there, and what its certificate is checked with. */
export interface CloudDestination extends CloudUrl {
  password: string
  /** PEM of the CA that its certificate must be signed by; null: a public one. */
  caCertificate: string | null
  /** A person confirmed that it stands in a private network. */
  insideNetwork: boolean
}
