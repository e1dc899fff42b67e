import { InvalidArgumentError } from 'commander'

/** A whole number within bounds, for commander. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`write a whole number from ${minimum} to ${maximum}.`)
    }
    return value
  }
}

export const portNumber = wholeNumber(0, 65_535)

/** The options without those that were not given: what `exactOptionalPropertyTypes` asks for. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
