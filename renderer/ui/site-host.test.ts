import { expect, it } from 'vitest'
import { siteHost } from './site-host.ts'

it('names a host that other machines reach', () => {
  expect(siteHost({ addresses: ['127.0.0.1', '10.20.4.10'], names: [] })).toBe('10.20.4.10')
  expect(siteHost({ addresses: ['127.0.0.1'], names: ['localhost', 'plant.local'] })).toBe('plant.local')
  expect(siteHost({ addresses: ['127.0.0.1'], names: [] })).toBe('127.0.0.1')
  expect(siteHost({ addresses: ['0.0.0.0'], names: ['plant.local'] })).toBe('plant.local')
})
