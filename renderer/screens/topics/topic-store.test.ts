import { expect, test } from 'vitest'
import type { TopicRow, TopicsWatched } from '#contract/api/topics.ts'
import { parentOf, pathsAbove, TopicStore } from './topic-store.ts'

const row = (path: string, more: Partial<TopicRow> = {}): TopicRow => ({
  path,
  children: 0,
  topics: 1,
  messages: 1,
  refused: 0,
  rate: 0,
  gateway: null,
  retained: false,
  last: null,
  ...more,
})
const totals = { topics: 0, messages: 0, rate: 0, notShown: 0, topicsLeftOut: 0, rowsLeftOut: 0 }
const told = (rows: TopicRow[], more: Partial<TopicsWatched> = {}): TopicsWatched => ({
  rows,
  gone: [],
  whole: true,
  totals,
  ...more,
})
const all = () => true
const paths = (store: TopicStore, isOpen: (path: string) => boolean = all) =>
  store.shown(isOpen).map(({ path }) => path)

test('rows stand below their level, numbers in their order, and only where it is open', () => {
  const store = new TopicStore()
  store.begin()
  store.apply(told([row('mw', { children: 3 }), row('a'), row('mw/10'), row('mw/9'), row('mw/9/x')]), 0)
  store.apply(told([row('mw/9', { children: 1 })]), 0)
  expect(paths(store)).toEqual(['a', 'mw', 'mw/9', 'mw/9/x', 'mw/10'])
  expect(paths(store, (path) => path === 'mw')).toEqual(['a', 'mw', 'mw/9', 'mw/10'])
  expect(store.shown(all).find(({ path }) => path === 'mw/10')).toMatchObject({
    name: '10',
    level: 2,
    position: 2,
    size: 2,
  })
  // Values alone move nothing.
  const before = store.shown(all)
  store.apply(told([row('mw/9', { children: 1, messages: 7 })]), 0)
  expect(store.shown(all)).toBe(before)
  expect(store.row('mw/9')?.messages).toBe(7)
})

test('empty levels are levels', () => {
  const store = new TopicStore()
  store.begin()
  store.apply(told([row('', { children: 1 }), row('/odd'), row('a', { children: 1 }), row('a/')]), 0)
  expect(store.shown(all).map(({ path, name, level }) => [path, name, level])).toEqual([
    ['', '', 1],
    ['/odd', 'odd', 2],
    ['a', 'a', 1],
    ['a/', '', 2],
  ])
  expect([parentOf(''), parentOf('a'), parentOf('/odd'), parentOf('a/b/c')]).toEqual([null, null, '', 'a/b'])
  expect(pathsAbove('a/b/c')).toEqual(['a', 'a/b'])
})

test('a new subscription leaves what is shown until it has told all, then what it did not tell is gone', () => {
  const store = new TopicStore()
  store.begin()
  store.apply(told([row('mw', { children: 2 }), row('mw/a'), row('mw/b')]), 0)
  store.begin()
  store.apply(told([row('mw', { children: 1 })], { whole: false }), 0)
  expect(paths(store)).toEqual(['mw', 'mw/a', 'mw/b'])
  store.apply(told([row('mw/b')]), 0)
  expect(paths(store)).toEqual(['mw', 'mw/b'])
  store.apply(told([], { gone: ['mw'] }), 0)
  expect(paths(store)).toEqual([])
})

test('a rate fades while nothing comes', () => {
  const store = new TopicStore()
  store.begin()
  store.apply(told([row('mw', { rate: 100 })]), 1_000)
  expect(store.rate('mw', 1_000)).toBe(100)
  expect(store.rate('mw', 6_000)).toBeCloseTo(36.8, 1)
  expect(store.rate('mw', 100_000)).toBe(0)
  expect(store.rate('none', 0)).toBe(0)
})
