import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { LinkLostError } from './connection.ts'
import { readError } from './read-error.ts'

describe('readError', () => {
  it('keeps the codes of the registry with their data', () => {
    const read = readError(new ORPCError('mac_taken', { data: { mac: 'aa', code: 'GW001', nested: {} } }))
    expect(read).toMatchObject({ code: 'mac_taken', data: { mac: 'aa', code: 'GW001' }, requestId: null })
    expect(read.data).not.toHaveProperty('nested')
  })

  it('finds the request id of a fault in the program', () => {
    const read = readError(new ORPCError('INTERNAL_SERVER_ERROR', { data: { requestId: 'r-1' } }))
    expect(read).toMatchObject({ code: 'internal', requestId: 'r-1' })
  })

  it('words what the RPC layer refuses by itself', () => {
    expect(readError(new ORPCError('BAD_REQUEST')).code).toBe('input_invalid')
    expect(readError(new ORPCError('UNAUTHORIZED')).code).toBe('not_signed_in')
  })

  it('tells a lost link from a cancelled request and from a bug', () => {
    expect(readError(new LinkLostError()).code).toBe('link_lost')
    expect(readError(new TypeError('Failed to fetch')).code).toBe('link_lost')
    expect(
      readError(new Error('[AsyncIdQueue] Queue[3] was closed or aborted while waiting for pulling.')).code,
    ).toBe('link_lost')
    expect(readError(new Error('Unable to preload CSS for /assets/x.css')).code).toBe('link_lost')
    expect(readError(new DOMException('aborted', 'AbortError')).code).toBe('cancelled')
    expect(readError(new TypeError('x is not a function')).code).toBe('internal')
    expect(readError('text').code).toBe('internal')
  })
})
