import type { AliasKind, CredentialKind } from '#contract/model/gateway.ts'
import type { GatewayPublicKey } from '#features/pki/index.ts'
import type { PreparedIdentity } from './prepared-identity.ts'

/** What makes a box a gateway, by whatever way it comes. */
export interface EnrollmentOrder {
  /** As it was written; any common spelling. */
  mac: string | null
  /** Unique in the tenant; null: the gateway's that is enrolled again, else its label. */
  code: string | null
  /** Null: the gateway's that is enrolled again, else the code. */
  name: string | null
  /** Id or slug. */
  tenant: string | undefined
  /** Id, or path of names. */
  group: string | undefined
  /** Id or name of a gateway profile. */
  profile: string | undefined
  /** Printed on the box; made from the MAC where left out. */
  label: string | undefined
  /** What its profile says, else canonical. */
  dialect: string | undefined
  /** What its profile says, else a certificate. */
  credential: CredentialKind | undefined
  keyAlgorithm: 'ec' | 'rsa' | undefined
  /** Its new owner; left out: as it was, or none. */
  ownerUserId?: string
  aliases?: { [K in AliasKind]?: string | undefined }
  /** What the box said of itself. */
  platform?: string | null
  firmwareVersion?: string | null
  hardwareRevision?: string | null
  /** The key that the box made and keeps; the site makes one where left out. */
  publicKey?: GatewayPublicKey
  /** It has its credential already: made by `EnrollmentService.prepare` for the same order. */
  prepared?: PreparedIdentity
  /** It must acknowledge its binding before it is active (002); false: it need not any more; left out: as it was. */
  awaitsBind?: boolean
  /** A gateway that is claimed or active already is enrolled again: its credentials end (a box that was reset). */
  replace: boolean
  /** Nothing but the box itself says which it is: a revoked one, too, is enrolled again with `replace` alone. */
  isUnproven?: boolean
  /** Whoever asks may: a suspended gateway is given a new credential, and stays suspended. */
  ofSuspended?: boolean
  /** One word for the history: provisioned, claimed, imported … */
  reason: string
}

/** What was made for a gateway in its enrollment. */
export interface Made {
  gatewayId: string
  tenantId: string
  code: string
  mac: string | null
  credential: CredentialKind
  /** Of the certificate, lower-case hex; null where it has none. */
  serial: string | null
  /** An existing gateway was enrolled again. */
  again: boolean
}
