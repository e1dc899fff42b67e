import { expect, it } from 'vitest'
import type { Dashboard } from '#contract/model/dashboard.ts'
import { before, changed, historyOf, redone, undone } from './edit-history.ts'

const dashboard = (range: string): Dashboard => ({ columns: 12, tiles: [], range })
const [first, second, third] = [dashboard('1h'), dashboard('2h'), dashboard('3h')]

it('goes back and forth, and a new change ends the way forth', () => {
  const history = changed(changed(historyOf(first), second), third)
  expect(undone(history).now).toBe(second)
  expect(undone(undone(undone(history))).now).toBe(first)
  expect(redone(undone(history)).now).toBe(third)
  expect(redone(changed(undone(history), first)).now).toBe(first)
  expect(redone(historyOf(first))).toEqual(historyOf(first))
})

it('takes a run of changes of one name as one step', () => {
  const history = changed(changed(historyOf(first), second, 'move a'), third, 'move a')
  expect(before(history, 'move a')).toBe(first)
  expect(before(history, 'move b')).toBe(third)
  expect(undone(history).now).toBe(first)
  const apart = changed(changed(historyOf(first), second, 'move a'), third, 'move b')
  expect(undone(apart).now).toBe(second)
})

it('forgets a run that ends where it began', () => {
  const history = changed(changed(historyOf(first), second, 'move a'), first, 'move a')
  expect(history).toEqual(historyOf(first))
})

it('does not count what changes nothing, and keeps a hundred steps', () => {
  expect(changed(historyOf(first), first)).toEqual(historyOf(first))
  let history = historyOf(first)
  for (let hours = 1; hours <= 150; hours++) history = changed(history, dashboard(`${hours}h`))
  expect(history.past).toHaveLength(100)
})
