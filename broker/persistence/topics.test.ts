import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixedPrefix, matchesFilter } from './topic-filter.ts'
import { TopicTrie } from './topic-trie.ts'

test.each([
  ['a/b', 'a/b', true],
  ['a/+', 'a/b', true],
  ['a/+', 'a', false],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['+', '/a', false],
  ['/+', '/a', true],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/x', true],
  ['a/b', 'a/b/c', false],
])('%s matches %s: %s', (filter, topic, expected) => {
  expect(matchesFilter(filter, topic)).toBe(expected)
})

test('the trie finds what matching one by one finds, and everything begins with the fixed prefix', () => {
  const level = fc.constantFrom('a', 'b', '', '+')
  const filter = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'))
  const topic = fc
    .array(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 4 })
    .map((levels) => levels.join('/'))
  fc.assert(
    fc.property(fc.uniqueArray(filter), fc.uniqueArray(filter), topic, (filters, removed, name) => {
      const trie = new TopicTrie<string>()
      for (const each of filters) trie.set(each, 'client', each)
      for (const each of removed) trie.delete(each, 'client')
      const left = filters.filter((each) => !removed.includes(each))
      expect(trie.size).toBe(left.length)
      const expected = left.filter((each) => matchesFilter(each, name))
      expect(trie.match(name).sort()).toEqual(expected.sort())
      for (const each of expected) expect(name.startsWith(fixedPrefix(each))).toBe(true)
    }),
  )
})
