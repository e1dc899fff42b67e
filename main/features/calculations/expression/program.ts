import { assertNever, ExpectedError } from '#contract/errors.ts'
import { binary, call, NO_VALUE } from './arithmetic.ts'
import { type Node, periods } from './syntax-tree.ts'

/** A calculation as it is evaluated: the references of its tree hold ids. */
export interface Definition {
  id: string
  name: string
  basis: 'average' | 'last'
  tree: Node
}

/** What has to be known of a channel in a span; equal ones are one input. */
export type ProgramInput =
  | { kind: 'value'; channelId: string; basis: 'average' | 'last' }
  /** Rise over time, per `period` ms. */
  | { kind: 'rate'; channelId: string; period: number; rollover: number | null }
  | { kind: 'increase'; channelId: string; rollover: number | null }

export interface Program {
  inputs: ProgramInput[]
  channelIds: string[]
  /** `values` in the order of `inputs`, NaN where there is none. Returns NaN where there is no value. */
  run(values: ArrayLike<number>): number
}

/** Calculations that one may need, itself counted. */
export const CALCULATIONS_DEEP = 100

type Slots = Float64Array
type Step = (slots: Slots) => number

/**
 * Makes a calculation and those that it needs into one program: each is evaluated once, whoever uses it. One that is
 * gone has no value.
 * @throws ExpectedError `calculation_circular`, naming the circle; also for circles of more than `CALCULATIONS_DEEP`
 */
export function compile(root: Definition, find: (id: string) => Definition | undefined): Program {
  const inputs: ProgramInput[] = []
  const inputSlots = new Map<string, number>()
  const steps: Step[] = []
  const stepOf = new Map<string, number>()
  const path: Definition[] = []

  const slotOf = (input: ProgramInput): number => {
    const key = JSON.stringify(input)
    let slot = inputSlots.get(key)
    if (slot === undefined) {
      slot = inputs.push(input) - 1
      inputSlots.set(key, slot)
    }
    return slot
  }

  const add = (definition: Definition): number => {
    const known = stepOf.get(definition.id)
    if (known !== undefined) return known
    const begin = path.findIndex(({ id }) => id === definition.id)
    if (begin >= 0 || path.length >= CALCULATIONS_DEEP)
      throw new ExpectedError('calculation_circular', {
        cycle: circle(path.slice(Math.max(0, begin)), definition),
      })
    path.push(definition)
    const step = build(definition.tree, definition.basis)
    path.pop()
    const index = steps.push(step) - 1
    stepOf.set(definition.id, index)
    return index
  }

  /** Results stand behind the inputs, whose number is known only in the end. */
  const build = (node: Node, basis: Definition['basis']): Step => {
    switch (node.kind) {
      case 'number': {
        const { value } = node
        return () => value
      }
      case 'reference': {
        const { kind, text: id } = node.reference
        if (kind === 'channel') return fromInput(slotOf({ kind: 'value', channelId: id, basis }))
        const definition = path.find((one) => one.id === id) ?? find(id)
        if (definition === undefined) return () => NO_VALUE
        const step = add(definition)
        return (slots) => slots[inputs.length + step] ?? NO_VALUE
      }
      case 'rate': {
        const { period, rollover, reference } = node
        return fromInput(
          slotOf({ kind: 'rate', channelId: reference.text, period: periods[period], rollover }),
        )
      }
      case 'increase':
        return fromInput(
          slotOf({ kind: 'increase', channelId: node.reference.text, rollover: node.rollover }),
        )
      case 'negation': {
        const of = build(node.of, basis)
        return (slots) => -of(slots)
      }
      case 'binary': {
        const { operator } = node
        const left = build(node.left, basis)
        const right = build(node.right, basis)
        return (slots) => binary(operator, left(slots), right(slots))
      }
      case 'call': {
        const { name } = node
        const args = node.args.map((arg) => build(arg, basis))
        return (slots) =>
          call(
            name,
            args.map((arg) => arg(slots)),
          )
      }
      default:
        return assertNever(node)
    }
  }

  const result = add(root)
  const slots = new Float64Array(inputs.length + steps.length)
  return {
    inputs,
    channelIds: [...new Set(inputs.map(({ channelId }) => channelId))],
    run(values) {
      slots.set(values)
      for (const [index, step] of steps.entries()) slots[inputs.length + index] = step(slots)
      return slots[inputs.length + result] ?? NO_VALUE
    },
  }
}

function fromInput(slot: number): Step {
  return (slots) => slots[slot] ?? NO_VALUE
}

/** `=A → =B → =A` */
function circle(path: Definition[], again: Definition): string {
  return [...path, again].map(({ name }) => `=${name}`).join(' → ')
}
