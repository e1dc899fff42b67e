import { X509Certificate } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g

/**
 * The certificates of a PEM file, one after the other, without what stands around them.
 * @throws ExpectedError `cloud_ca_invalid`
 */
export function checkedCa(pem: string): string {
  const blocks = [...pem.matchAll(BLOCK)]
  if (blocks.length === 0)
    throw new ExpectedError('cloud_ca_invalid', { cause: 'there is no BEGIN CERTIFICATE' })
  return blocks.map(([block, label]) => checkedBlock(block, label ?? '')).join('\n')
}

function checkedBlock(block: string, label: string): string {
  if (label !== 'CERTIFICATE')
    throw new ExpectedError('cloud_ca_invalid', { cause: `it holds a ${label.toLowerCase()}` })
  try {
    return new X509Certificate(block).toString().trim()
  } catch (error) {
    const cause = error instanceof Error ? error.message.slice(0, 120) : 'it cannot be read'
    throw new ExpectedError('cloud_ca_invalid', { cause })
  }
}
