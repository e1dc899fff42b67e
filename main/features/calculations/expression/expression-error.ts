import { ExpectedError } from '#contract/errors.ts'
import type { Place } from './syntax-tree.ts'

/** What can be wrong with an expression; the UI words these. */
export const expressionProblems = {
  empty: 'it is empty',
  unexpected: '"{what}" is not expected here',
  unexpected_end: 'it ends where something is still missing',
  bracket_open: 'the bracket [ is not closed',
  parenthesis_open: 'the parenthesis ( is not closed',
  number_invalid: '"{what}" is not a number',
  unknown_function: 'there is no function {what}',
  argument_count: '{what} takes {wanted}',
  needs_channel: '{what} counts one channel: write it as {what}([gateway/channel])',
  period_invalid: "a rate is per 's', 'min' or 'h'",
  rollover_invalid: 'the roll-over is a number above 0',
  too_complex: 'it is too long or nested too deep',
  unknown_channel: 'there is no channel {what}',
  unknown_calculation: 'there is no calculated channel ={what}',
  text_channel: 'the channel {what} holds text',
  no_input: 'it uses no channel',
  too_many_inputs: 'it needs more than {wanted} channels',
  user_too_many_inputs: '={what}, which uses it, would need more than {wanted} channels',
} as const
export type ExpressionProblem = keyof typeof expressionProblems

/** @param place where to look; `what` and `wanted` fill the problem's words */
export function expressionError(
  problem: ExpressionProblem,
  place: Place,
  words: { what?: string; wanted?: string | number } = {},
): ExpectedError {
  const filled: Record<string, string | number> = words
  const cause = expressionProblems[problem].replace(/\{(\w+)\}/g, (_, name: string) =>
    String(filled[name] ?? ''),
  )
  return new ExpectedError('expression_invalid', {
    // People count from 1.
    position: place.start + 1,
    length: Math.max(1, place.end - place.start),
    problem,
    cause,
    ...filled,
  })
}
