import { ORPCError } from '@orpc/client'
import { expect, it } from 'vitest'
import { bracketed, formOf, inputOf, problemOf, withPiece } from './calculation-form.ts'

it('names stand between brackets, their own ones escaped', () => {
  expect(bracketed('GW001/meter1/energy')).toBe('[GW001/meter1/energy]')
  expect(bracketed('GW001/a]b\\')).toBe('[GW001/a\\]b\\\\]')
})

it.each([
  ['', { start: 0, end: 0 }, '[a]', 3],
  ['1 + ', { start: 4, end: 4 }, '1 + [a]', 7],
  ['1 +', { start: 3, end: 3 }, '1 + [a]', 7],
  ['max()', { start: 4, end: 4 }, 'max([a])', 7],
  ['1 + x * 2', { start: 4, end: 5 }, '1 + [a] * 2', 7],
  ['2*', { start: 0, end: 0 }, '[a] 2*', 3],
])('a piece goes into %j where the selection is', (text, selection, result, caret) => {
  expect(withPiece(text, selection, '[a]')).toEqual({ text: result, caret })
})

it('an error of the expression says where it is', () => {
  const data = {
    position: 5,
    length: 3,
    problem: 'unknown_function',
    what: 'sin',
    cause: 'there is no function sin',
  }
  expect(problemOf(new ORPCError('expression_invalid', { data }))).toEqual({
    problem: 'unknown_function',
    start: 4,
    end: 7,
    what: 'sin',
  })
  expect(problemOf(new ORPCError('calculation_circular', { data: { cycle: '=A → =A' } }))).toBeNull()
})

it('what is empty is no unit', () => {
  expect(inputOf({ ...formOf(null), name: ' Losses ', unit: ' ' })).toEqual({
    name: 'Losses',
    unit: null,
    expression: '',
    basis: 'average',
  })
})
