import { describe, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { parseExpression } from './parse-expression.ts'
import { compile, type Definition } from './program.ts'
import { type Names, namesOfChannels, toShown, toStored } from './reference-names.ts'

const channelNames = ['a', 'b', 'c', 'power', 'text', 'od]d\\']
const channels = channelNames.map((key, index) => ({
  id: `00000000-0000-7000-8000-00000000000${index}`,
  gatewayCode: 'GW001',
  key,
  name: key === 'power' ? 'Active power' : key,
  kind: key === 'text' ? 'text' : 'number',
  createdAt: 1,
}))
const names: Names = {
  ...namesOfChannels(channels),
  calculation: (text) => (text === 'Losses' ? { id: 'calc-1', name: 'Losses' } : undefined),
  calculationById: (id) => (id === 'calc-1' ? { id, name: 'Losses' } : undefined),
}
const idOf = (key: string) => channels.find((channel) => channel.key === key)?.id ?? ''

function valueOf(source: string, values: Record<string, number> = {}): number {
  const tree = parseExpression(source)
  const program = compile({ id: 'x', name: 'X', basis: 'average', tree }, () => undefined)
  return program.run(program.inputs.map(({ channelId }) => values[channelId] ?? Number.NaN))
}

function failure(run: () => unknown): Record<string, unknown> {
  try {
    run()
  } catch (error) {
    if (error instanceof ExpectedError) return { code: error.code, ...error.data }
    throw error
  }
  throw new Error('it did not fail')
}

test.each([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['7 - 2 - 1', 4],
  ['24 / 4 / 2', 3],
  ['2 ^ 3 ^ 2', 512],
  ['-2 ^ 2', -4],
  ['2 ^ -1', 0.5],
  ['--3', 3],
  ['+3', 3],
  ['7 % 4', 3],
  ['-7 % 4', -3],
  ['1.5e3', 1500],
  ['.5', 0.5],
  ['min(3, 1, 2) + max(1, 5)', 6],
  ['abs(-4) + sqrt(9)', 7],
  ['round(2.5) + round(-2.5)', 0],
  ['round(1.005, 2)', 1.01],
  ['round(1234, -2)', 1200],
  ['round(0.0000001234, 8)', 0.00000012],
  ['floor(-1.5) + ceil(1.2)', 0],
  ['1 < 2', 1],
  ['2 <= 1', 0],
  ['3 > 2 == 1', 1],
  ['1 != 1', 0],
  ['1 + 1 >= 2', 1],
  ['if(2 > 1, 10, 20)', 10],
  ['IF(0, 10, 20)', 20],
])('%s is %d', (source, value) => {
  expect(valueOf(source)).toBe(value)
})

test.each([
  '1 / 0',
  '1 % 0',
  'sqrt(-1)',
  '10 ^ 400',
  '(-8) ^ 0.5',
  'min(1, 1 / 0)',
  'if(1 / 0, 1, 2)',
  '[missing] + 1',
])('%s has no value', (source) => {
  expect(valueOf(source)).toBeNaN()
})

test('a branch that is not taken may have no value', () => {
  expect(valueOf('if([a] == 0, 0, 100 / [a])', { a: 0 })).toBe(0)
  expect(valueOf('if([a] == 0, 0, 100 / [a])', { a: 4 })).toBe(25)
})

describe('what is wrong is said with its place', () => {
  test.each([
    ['', 'empty', 1],
    ['   ', 'empty', 1],
    ['1 +', 'unexpected_end', 4],
    ['1 2', 'unexpected', 3],
    ['(1 + 2', 'parenthesis_open', 1],
    ['1 + 2)', 'unexpected', 6],
    ['[GW001/a', 'bracket_open', 1],
    ['1.2.3', 'number_invalid', 1],
    ['2x', 'number_invalid', 1],
    ['1e999', 'number_invalid', 1],
    ['1 + sin(2)', 'unknown_function', 5],
    ['constructor(1)', 'unknown_function', 1],
    ['pi', 'unexpected', 1],
    ['sqrt(1, 2)', 'argument_count', 1],
    ['if(1, 2)', 'argument_count', 1],
    ['min()', 'argument_count', 1],
    ['rate([a])', 'period_invalid', 9],
    ["rate([a], 'day')", 'period_invalid', 11],
    ["rate(5, 's')", 'needs_channel', 6],
    ["rate([=Losses], 's')", 'needs_channel', 6],
    ['increase([a], -1)', 'rollover_invalid', 15],
    ['increase([a], 0)', 'rollover_invalid', 15],
    ['a & b', 'unexpected', 3],
    ['1 & 2', 'unexpected', 3],
    ["'text'", 'unexpected', 1],
    ['1 + 🙂', 'unexpected', 5],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 'too_complex', 62],
    [`${'-'.repeat(100)}1`, 'too_complex', 62],
    [`${'1+'.repeat(600)}1`, 'too_complex', undefined],
    [`${'2^'.repeat(100)}1`, 'too_complex', undefined],
  ])('%s: %s at %s', (source, problem, position) => {
    const found = failure(() => parseExpression(source))
    expect(found).toMatchObject({ code: 'expression_invalid', problem, ...(position && { position }) })
  })

  test.each([
    ['1 + [GW009/a]', 'unknown_channel', 5, 'GW009/a'],
    ['[=Nothing]', 'unknown_calculation', 1, 'Nothing'],
    ['2 * [GW001/text]', 'text_channel', 5, 'GW001/text'],
    ['1 + 1', 'no_input', 1, undefined],
  ])('%s: %s at %d', (source, problem, position, what) => {
    const found = failure(() => toStored(source, names))
    expect(found).toMatchObject({ code: 'expression_invalid', problem, position, ...(what && { what }) })
  })
})

test('names become ids and come back as the names of now', () => {
  const source = 'rate( [GW001/a], "h", 100000) + [ GW001/Active power ] * 2 - [=Losses]+[GW001/od\\]d\\\\]'
  const { stored, tree } = toStored(source, names)
  expect(stored).toBe(
    `rate( [${idOf('a')}], "h", 100000) + [${idOf('power')}] * 2 - [=calc-1]+[${idOf('od]d\\')}]`,
  )
  expect(toShown(stored, tree, names)).toBe(
    'rate( [GW001/a], "h", 100000) + [GW001/power] * 2 - [=Losses]+[GW001/od\\]d\\\\]',
  )
  expect(toStored(toShown(stored, tree, names), names).stored).toBe(stored)
  const renamed: Names = {
    ...namesOfChannels(channels.map((channel) => ({ ...channel, gatewayCode: 'NEW-1' }))),
    calculation: () => undefined,
    calculationById: () => undefined,
  }
  expect(toShown(stored, tree, renamed)).toContain('[NEW-1/a]')
  expect(toShown(stored, tree, renamed)).toContain('[=calc-1]')
})

test('a channel that shares its name with a newer one is shown by its id', () => {
  const older = { ...channels[0]!, id: 'older', createdAt: 0 }
  const both: Names = { ...names, ...namesOfChannels([...channels, older]) }
  const { tree } = toStored('[GW001/a] + [older]', both)
  expect(toShown(`[${idOf('a')}] + [older]`, parseExpression(`[${idOf('a')}] + [older]`), both)).toBe(
    '[GW001/a] + [older]',
  )
  expect(tree.kind).toBe('binary')
})

describe('calculations of calculations', () => {
  const definition = (name: string, source: string, basis: 'average' | 'last' = 'average'): Definition => ({
    id: name,
    name,
    basis,
    tree: parseExpression(source),
  })
  const all = (...definitions: Definition[]) => {
    const byId = new Map(definitions.map((one) => [one.id, one]))
    return (id: string) => byId.get(id)
  }

  test('each keeps its own basis, and is counted once', () => {
    const root = definition('Root', '[=A] + [=A] + [x]')
    const program = compile(root, all(definition('A', '[x] * 2', 'last')))
    expect(program.inputs).toEqual([
      { kind: 'value', channelId: 'x', basis: 'last' },
      { kind: 'value', channelId: 'x', basis: 'average' },
    ])
    expect(program.channelIds).toEqual(['x'])
    expect(program.run([10, 1])).toBe(41)
  })

  test('doubling thirty times does not double the work', () => {
    const chain = Array.from({ length: 30 }, (_, n) =>
      definition(`C${n}`, n === 0 ? '[x]' : `[=C${n - 1}] + [=C${n - 1}]`),
    )
    expect(compile(chain[29] as Definition, all(...chain)).run([1])).toBe(2 ** 29)
  })

  test('a circle is refused and named', () => {
    const find = all(definition('A', '[=B] + 1'), definition('B', '[=C]'), definition('C', '2 * [=B]'))
    expect(failure(() => compile(find('A')!, find))).toEqual({
      code: 'calculation_circular',
      cycle: '=B → =C → =B',
    })
    const self = definition('S', '[=S] + [x]')
    expect(failure(() => compile(self, all()))).toMatchObject({ cycle: '=S → =S' })
  })

  test('one that is gone has no value', () => {
    expect(compile(definition('A', '[=gone] + [x]'), all()).run([1])).toBeNaN()
  })
})
