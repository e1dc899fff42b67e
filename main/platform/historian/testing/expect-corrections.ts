import { expect } from 'vitest'
import type { Correction } from '../historian.ts'

/** What the store tells is what the model does; a value that came twice before a fold has replaced by either of the two. */
export function expectCorrections(
  found: Pick<Correction, 'ts' | 'value' | 'replacedBy'>[],
  expected: Correction[],
): void {
  const plain = ({ ts, value }: Pick<Correction, 'ts' | 'value'>) => [ts, value]
  expect(found.map(plain)).toEqual(expected.map(plain))
  found.forEach(({ replacedBy }, at) =>
    expect(replacedBy).toBeGreaterThanOrEqual(expected[at]?.replacedBy ?? Infinity),
  )
}
