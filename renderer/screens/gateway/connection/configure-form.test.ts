import { expect, it } from 'vitest'
import { type ConfigureForm, changesOf, isAliasProblem } from './configure-form.ts'

const before: ConfigureForm = {
  profile: null,
  dialect: 'canonical',
  aliases: { topic: 'p1', tenant: '', user: '', client_id: '', username: '' },
}

it('sends only what differs, and clears what was emptied', () => {
  expect(changesOf(before, before)).toBeNull()
  expect(changesOf(before, { ...before, aliases: { ...before.aliases, topic: ' p1 ' } })).toBeNull()
  expect(changesOf(before, { ...before, dialect: null, profile: 'x' })).toEqual({
    dialect: null,
    profile: 'x',
  })
  expect(changesOf(before, { ...before, aliases: { ...before.aliases, topic: '', user: 'john' } })).toEqual({
    aliases: { topic: null, user: 'john' },
  })
})

it('knows what can be no level of a topic', () => {
  expect(['8f88-35f1', 'Bomba 7', 'ação'].some(isAliasProblem)).toBe(false)
  expect(['a/b', '+', '#', 'a\u0000b', 'x'.repeat(129)].every(isAliasProblem)).toBe(true)
})
