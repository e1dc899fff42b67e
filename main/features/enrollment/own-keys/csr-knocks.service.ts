import { normalizeMac } from '#contract/model/ids.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import {
  type BoxNames,
  type Csr,
  csrRefused,
  namesFrom,
  readCsr,
  requireFreeKey,
  requireOwnNames,
} from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { inTurnByKey } from '#platform/events/in-turn-by-key.ts'
import type { BootstrapService, BoxRequest } from '../knocks/bootstrap.service.ts'
import type { KnockBook, KnockRow } from '../knocks/knock-book.ts'
import { hashOf, newPollSecret } from '../knocks/knock-secrets.ts'
import { knockById } from '../knocks/knocks.repository.ts'
import { boxLabel } from '../labels.ts'
import { knockByKey, setPollSecret } from './csr-knocks.repository.ts'
import { KeyChallenges } from './key-challenge.ts'

export interface CsrKnocksDependencies {
  db: SiteDb
  clock: Clock
  book: KnockBook
  bootstrap: Pick<BootstrapService, 'fetch'>
}

/** What a box says beside its request; null: nothing. */
export interface CsrGiven extends BoxNames {
  csr: string
  chip: string | null
  firmware: string | null
  hardware: string | null
  address: string
}

export interface CsrKnocked {
  row: { id: string; state: KnockRow['state']; gatewayId: string | null }
  publicKeyHash: string
  /** Shown once; null where the box has it, or has still to prove that it has its key. */
  pollSecret: string | null
  /** Shown once. */
  token: string | null
  tokenEndsAt: number | null
  /** For `challengePassword` of another request with the same key, where the poll secret was lost; null where it is given. */
  challenge: string | null
}

/** Boxes that knock with a certificate request: held until somebody claims or binds them, signed then. */
export class CsrKnocksService {
  readonly #dependencies: CsrKnocksDependencies
  readonly #challenges = new KeyChallenges()
  readonly #inTurn = inTurnByKey()

  constructor(dependencies: CsrKnocksDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * A box shows its request: new, or again. Who lost the poll secret gets another by a request that holds the challenge.
   * @throws ExpectedError `csr_refused`, `knocks_too_many`, `knock_dismissed`
   */
  async knock(given: CsrGiven): Promise<CsrKnocked> {
    const csr = readCsr(given.csr)
    const names = namesOf(given, csr)
    requireOwnNames(csr, names)
    return this.#inTurn(csr.publicKeyHash, () => this.#knock(given, csr, names))
  }

  /**
   * The same for a client that can only ask again with the same request (EST): its certificate once it was claimed, which is no
   * secret. @returns PEM, with its issuing CA; null: it waits @throws ExpectedError as `knock`; `knock_gone`
   */
  async ask(given: CsrGiven, from: BoxRequest): Promise<string | null> {
    const { db, bootstrap } = this.#dependencies
    const { row } = await this.knock(given)
    const claimed = row.state === 'claimed' ? await knockById(db, row.id) : undefined
    if (!claimed) return null
    const { handover } = await bootstrap.fetch(claimed, { ...from, action: 'credential.fetch' })
    return handover.kind === 'key' ? handover.certificatePem : null
  }

  async #knock(given: CsrGiven, csr: Csr, names: BoxNames): Promise<CsrKnocked> {
    const { db, book } = this.#dependencies
    const { publicKeyHash } = csr
    const known = await knockByKey(db, publicKeyHash)
    if (known) return this.#again(known, csr, names)
    await requireFreeKey(db, publicKeyHash, await this.#gatewayOf(names))
    const { chip, firmware, hardware, address } = given
    const { mac, label, deviceId } = names
    const made = await book.knock({
      way: 'csr',
      credential: 'certificate',
      mac,
      label,
      deviceId,
      chip,
      firmware,
      hardware,
      address,
      csr: csr.der,
      publicKeyHash,
      withPollSecret: true,
      withToken: true,
    })
    const { id, pollSecret, token, tokenEndsAt } = made
    const row = { id, state: 'waiting' as const, gatewayId: null }
    return { row, publicKeyHash, pollSecret, token, tokenEndsAt, challenge: null }
  }

  async #again(known: KnockRow, csr: Csr, names: BoxNames): Promise<CsrKnocked> {
    const { db, clock, book } = this.#dependencies
    const { publicKeyHash } = csr
    const isSame = known.mac === names.mac && known.label === names.label && known.deviceId === names.deviceId
    if (!isSame) throw csrRefused('key_taken', 'another box knocks with its key: make a new one')
    book.heard(known.id)
    const answer = { row: known, publicKeyHash, token: null, tokenEndsAt: known.tokenExpiresAt }
    const now = clock.now()
    if (!this.#challenges.take(publicKeyHash, csr.challenge, now))
      return { ...answer, pollSecret: null, challenge: this.#challenges.make(publicKeyHash, now) }
    const pollSecret = newPollSecret()
    await setPollSecret(db, known.id, hashOf(pollSecret))
    return { ...answer, pollSecret, challenge: null }
  }

  /** The gateway that the box says it was. */
  async #gatewayOf({ mac, label, deviceId }: BoxNames): Promise<string | null> {
    const { db } = this.#dependencies
    const named = boxLabel({ mac, label, deviceId })
    const found =
      mac === null
        ? named === undefined
          ? undefined
          : await gatewaysRepository.gatewayByLabel(db, named)
        : await gatewaysRepository.gatewayByMac(db, mac)
    return found?.id ?? null
  }
}

/** What the box says beside its request, else what the request calls it. A device id that is a MAC is one. */
function namesOf({ mac, label, deviceId }: CsrGiven, csr: Csr): BoxNames {
  if (mac === null && label === null && deviceId === null) return namesFrom(csr)
  const asMac = deviceId === null ? null : normalizeMac(deviceId)
  return asMac === null
    ? { mac, label, deviceId }
    : { mac: mac ?? asMac, label, deviceId: mac === null || mac === asMac ? null : deviceId }
}
