import { createInterface } from 'node:readline/promises'
import { StringDecoder } from 'node:string_decoder'
import { CliError } from '../cli-error.ts'

/** Whether a person sits at the terminal and can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** @throws CliError `usage` where nobody can be asked; `instead` says what to give instead */
export function needTerminal(instead: string): void {
  if (!canAsk()) throw new CliError('usage', `There is no terminal to ask at: ${instead}`)
}

/** Asks at the terminal; the question goes to standard error, so that standard output stays a result. */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(question)).trim()
  } finally {
    lines.close()
  }
}

/** Whether the answer to the question at the terminal is yes. */
export async function saysYes(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`${question} (yes/no) `))
}

/** Asks, without showing what is typed. @throws CliError `interrupted` on Ctrl-C or Ctrl-D */
export async function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  stdin.setRawMode(true)
  stdin.resume()
  try {
    return await readHidden(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

/** What is typed up to the end of the line, as a terminal in raw mode gives it: each key as it is pressed. */
export async function readHidden(keys: NodeJS.ReadableStream): Promise<string> {
  const decoder = new StringDecoder('utf8')
  const typed: string[] = []
  for await (const chunk of keys) {
    for (const key of decoder.write(chunk)) {
      if (key === '\r' || key === '\n') return typed.join('')
      if (key === '\u0003' || key === '\u0004') throw new CliError('interrupted', 'Interrupted')
      if (key === '\u007f' || key === '\b') typed.pop()
      else if (key >= ' ') typed.push(key)
    }
  }
  throw new CliError('interrupted', 'Interrupted')
}
