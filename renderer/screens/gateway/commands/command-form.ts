import { COMMAND_ARGS_LIMIT, COMMAND_NAME } from '#contract/model/command.ts'

/** Names that many firmwares know: suggestions, nothing more. */
export const suggestedCommands = ['identify', 'restart', 'report'] as const

export interface CommandForm {
  name: string
  /** JSON, as typed; nothing stands for `{}`. */
  args: string
  /** Seconds. */
  expiresIn: number
}

export const lives = [60, 300, 3_600, 86_400, 604_800] as const

export type Problem = 'empty' | 'name' | 'json' | 'object' | 'large'

export function nameProblem({ name }: CommandForm): Problem | null {
  if (name.trim() === '') return 'empty'
  return COMMAND_NAME.test(name.trim()) ? null : 'name'
}

/** What is wrong with the arguments, or what they are. */
export function readArgs(text: string): { problem: Problem } | { args: Record<string, unknown> } {
  if (text.trim() === '') return { args: {} }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { problem: 'json' }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { problem: 'object' }
  if (new TextEncoder().encode(JSON.stringify(parsed)).length > COMMAND_ARGS_LIMIT)
    return { problem: 'large' }
  return { args: parsed as Record<string, unknown> }
}
