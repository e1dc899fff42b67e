import { describe, expect, it } from 'vitest'
import { changesOf } from './changes.ts'

describe('changesOf', () => {
  it('puts before and after side by side, what changed first', () => {
    const before = { name: 'Pump', ports: { https: 8443, http: 8442 }, names: ['a', 'b'], old: true }
    const after = { name: 'Pump', ports: { https: 443, http: 8442 }, names: ['a'], new: null }
    expect(changesOf({ before, after, reason: 'firewall' })).toEqual([
      { name: 'ports.https', kind: 'changed', before: '8443', after: '443' },
      { name: 'names', kind: 'changed', before: 'a, b', after: 'a' },
      { name: 'old', kind: 'removed', before: 'true', after: '' },
      { name: 'new', kind: 'added', before: '', after: 'null' },
      { name: 'name', kind: 'same', before: 'Pump', after: 'Pump' },
      { name: 'ports.http', kind: 'same', before: '8442', after: '8442' },
      { name: 'reason', kind: 'fact', before: '', after: 'firewall' },
    ])
  })

  it('takes single values, and entries that say nothing', () => {
    expect(changesOf({ before: 'claimed', after: 'suspended' })).toEqual([
      { name: '', kind: 'changed', before: 'claimed', after: 'suspended' },
    ])
    expect(changesOf({})).toEqual([])
    expect(changesOf({ list: [], map: {} })).toMatchObject([{ after: '[]' }, { after: '{}' }])
  })
})
