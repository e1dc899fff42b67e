import { expect, test } from 'vitest'
import type { CodecDefinition, DialectDefinition, TopicRuleDefinition } from './dialect.ts'
import { DialectDefinitionSchema } from './dialect.ts'
import { dialectProblemText } from './dialect-problem-text.ts'
import { dialectProblemCodes, dialectProblems } from './dialect-problems.ts'
import { parsePattern } from './topic-pattern.ts'

const bare = (channel: string): CodecDefinition => ({ format: 'bare', channel })
const readings = (pattern: string, codec: CodecDefinition = bare('{m}')): TopicRuleDefinition => ({
  direction: 'to_site',
  pattern,
  kind: 'telemetry',
  codec,
})
const events = (pattern: string): TopicRuleDefinition => ({ direction: 'to_site', pattern, kind: 'events' })
const commands = (pattern: string): TopicRuleDefinition => ({
  direction: 'to_gateway',
  pattern,
  kind: 'commands',
})

function dialect(topics: TopicRuleDefinition[], name = 'acme'): DialectDefinition {
  return DialectDefinitionSchema.parse({ name, title: 'Acme', clientIds: ['wire'], topics })
}
const other = dialect([readings('plant/{tenant}/{gateway}/{m}')], 'other')
const root = dialect([readings('{gateway}/{m}/up')], 'root')
const codes = (topics: TopicRuleDefinition[], others = [other, root]): string[] =>
  dialectProblems(dialect(topics), others).map(({ code, topic }) => `${topic} ${code}`)

test('what is safe passes', () => {
  expect(
    codes([
      readings('acme/{gateway}/{m}/value'),
      events('acme/{gateway}/events/#'),
      commands('acme/{gateway}/set/{m}'),
      readings('plant/{tenant}/{gateway}/{m}'),
      { direction: 'to_gateway', pattern: 'mw/time', kind: 'time' },
    ]),
  ).toEqual([])
})

test.each([
  ['#', 'pattern_invalid'],
  ['+/{gateway}/{m}', 'pattern_invalid'],
  ['acme/#/{gateway}', 'pattern_invalid'],
  ['acme/{gateway}/a+/{m}', 'pattern_invalid'],
  ['acme/{gateway}/a#', 'pattern_invalid'],
  ['acme//{gateway}/{m}', 'pattern_invalid'],
  ['/acme/{gateway}/{m}', 'pattern_invalid'],
  ['acme/{gateway}/\0/{m}', 'pattern_invalid'],
  ['acme/{gateway}/x{m}', 'pattern_invalid'],
  ['acme/{gateway}/{m', 'pattern_invalid'],
  ['acme/{}/{m}', 'pattern_invalid'],
  ['acme/\ud800/{gateway}/{m}', 'pattern_invalid'],
  [`acme/{gateway}/${'a/'.repeat(14)}{m}`, 'too_many_levels'],
  ['acme/data/{m}', 'no_name'],
  ['acme/{tenant}/{user}/{m}', 'no_name'],
  ['acme/{m}/{gateway}', 'open_before_name'],
  ['acme/{gateway}/{m}/{m}', 'open_twice'],
  ['mw/{gateway}/{m}', 'root_reserved'],
  ['MW/{gateway}/{m}', 'root_reserved'],
  ['clients/{gateway}/{m}', 'root_reserved'],
  ['$SYS/{gateway}/{m}', 'root_reserved'],
  ['$share/{gateway}/{m}', 'root_reserved'],
  ['plant/{gateway}/{m}', 'overlaps_dialect'],
  ['plant/x/{gateway}/{m}', 'overlaps_dialect'],
  ['{tenant}/{gateway}/{m}', 'overlaps_dialect'],
  ['acme/{gateway}/{m}/#', 'subtree_kind'],
])('%s: %s', (pattern, code) => {
  expect(codes([readings(pattern)])).toContain(`0 ${code}`)
})

test('topics of one dialect beside each other', () => {
  expect(codes([readings('a/{gateway}/{m}'), readings('a/{tenant}/{gateway}/{m}')])).toEqual([
    '1 overlaps_topic',
  ])
  expect(codes([readings('a/{gateway}/{m}'), readings('a/{gateway}/{m}')])).toEqual(['1 unreachable'])
  expect(codes([readings('a/{gateway}/{m}'), readings('a/{gateway}/{n}', bare('{n}'))])).toEqual([
    '1 unreachable',
  ])
  expect(codes([readings('a/{gateway}/{m}'), events('a/{gateway}/events')])).toEqual([])
  expect(codes([readings('a/{gateway}/{m}'), commands('a/{gateway}/set')])).toEqual([])
  expect(codes([readings('a/{gateway}/{m}'), commands('a/{gateway}/{n}')])).toEqual(['1 both_directions'])
  expect(codes([readings('a/{gateway}/m', bare('m')), commands('a/{gateway}/m')])).toEqual([
    '1 both_directions',
  ])
  expect(codes([events('a/{gateway}/x')])).toEqual(['null no_telemetry'])
})

test('payloads', () => {
  const one = (codec: CodecDefinition | undefined, pattern = 'a/{gateway}/{m}'): string[] =>
    codes([{ ...readings(pattern), codec } as TopicRuleDefinition])
  expect(one(undefined)).toEqual(['0 codec_missing'])
  expect(
    codes([readings('a/{gateway}/{m}'), { ...events('a/{gateway}/e'), codec: bare('x') } as never]),
  ).toEqual(['1 codec_unexpected'])
  expect(one(bare('{m'))).toEqual(['0 channel_invalid'])
  expect(one(bare('{m}/{x}'))).toEqual(['0 channel_field_unknown'])
  expect(one(bare('fixed'))).toEqual(['0 channel_not_distinct'])
  expect(one(bare('fixed'), 'a/{gateway}/x')).toEqual([])
  expect(one({ format: 'object', channel: '{m}' })).toEqual(['0 channel_not_distinct'])
  expect(one({ format: 'object', channel: '{m}/{key}' })).toEqual([])
  expect(one({ format: 'value_object', channel: '{m}/{name}' })).toEqual(['0 channel_field_unknown'])
  expect(one({ format: 'value_object', channel: '{m}/{name}', name: '/id' })).toEqual([])
})

test('each problem is told in words that name what it is about', () => {
  for (const code of dialectProblemCodes) {
    const text = dialectProblemText({ code, topic: 1, subject: 'SUBJECT' })
    expect(text).toMatch(/^topic 2: .{20,}/)
    expect(text).not.toContain('{subject}')
    if (code !== 'no_telemetry') expect(text).toContain('SUBJECT')
  }
})

test('a definition is bounded', () => {
  const parse = (more: object) =>
    DialectDefinitionSchema.safeParse({ ...dialect([readings('a/{gateway}/{m}')]), ...more }).success
  expect(parse({})).toBe(true)
  for (const more of [
    { name: 'Acme' },
    { name: '' },
    { title: 'a\nb' },
    { clientIds: [] },
    { clientIds: ['serial'] },
    { topics: [] },
    { topics: Array.from({ length: 33 }, (_, n) => readings(`a/{gateway}/${n}/{m}`)) },
    { topics: [readings('x'.repeat(257))] },
    {
      topics: [readings('a/{gateway}/{m}', { format: 'value_object', channel: '{m}', value: 'no pointer' })],
    },
    { rates: { gateway: { perSecond: 0, burst: 1 } } },
    { rates: { gateway: { perSecond: Number.POSITIVE_INFINITY, burst: 1 } } },
    { more: 1 },
  ])
    expect(parse(more)).toBe(false)
  expect(parsePattern('a/{gateway}/#')).toHaveLength(3)
})
