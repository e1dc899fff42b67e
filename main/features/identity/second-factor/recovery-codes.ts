import { createHash, randomInt } from 'node:crypto'

const HOW_MANY = 10

/** Without characters that are taken for others: no 0 and o, 1, i and l. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
/** 79 bits: their SHA-256 may lie in the store as it is. */
const LENGTH = 16

/** Ten codes such as `k7qm-9vxw-3hnd-rz2p`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: HOW_MANY }, () => {
    const chars = Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('')
    return chars.replace(/.{4}(?=.)/g, '$&-')
  })
}

/** Whether what was typed can only be a recovery code: codes of apps are six digits. */
export function isRecoveryCode(plain: string): boolean {
  return plain.length === LENGTH
}

/** What is stored of a code. Bound to its person, so that equal codes of two would not show. */
export function recoveryCodeHash(userId: string, plain: string): string {
  return createHash('sha256').update(`recovery code of ${userId}: ${plain}`).digest('hex')
}

/** As it is compared: neither spaces nor dashes nor capitals matter. */
export function plainCode(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s-]/g, '').toLowerCase()
}
