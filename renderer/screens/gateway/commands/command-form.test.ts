import { expect, test } from 'vitest'
import { nameProblem, readArgs } from './command-form.ts'

const form = { args: '', expiresIn: 60 }

test('a name has no part of a topic in it', () => {
  expect(nameProblem({ ...form, name: ' ' })).toBe('empty')
  for (const name of ['a/b', '#', '+', 'a b', '-x', 'é', 'x'.repeat(65)])
    expect(nameProblem({ ...form, name })).toBe('name')
  for (const name of ['restart', ' set.value ', 'A-1_b']) expect(nameProblem({ ...form, name })).toBeNull()
})

test('arguments are a JSON object, or nothing', () => {
  expect(readArgs(' ')).toEqual({ args: {} })
  expect(readArgs('{"delay": 5}')).toEqual({ args: { delay: 5 } })
  expect(readArgs('{delay: 5}')).toEqual({ problem: 'json' })
  for (const text of ['[]', '5', 'null', '"x"']) expect(readArgs(text)).toEqual({ problem: 'object' })
  expect(readArgs(JSON.stringify({ a: 'é'.repeat(9_000) }))).toEqual({ problem: 'large' })
})
