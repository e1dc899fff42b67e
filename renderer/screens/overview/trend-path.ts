/** A row of values as an SVG polyline in a box, scaled to its own range; null with fewer than two values. */
export function trendPath(
  values: readonly number[],
  width: number,
  height: number,
): { points: string; end: [number, number] } | null {
  if (values.length < 2) return null
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  const inset = 3
  const place = (value: number, index: number): [number, number] => [
    inset + (index / (values.length - 1)) * (width - 2 * inset),
    span === 0 ? height / 2 : height - inset - ((value - low) / span) * (height - 2 * inset),
  ]
  const places = values.map(place)
  const points = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  return { points, end: places.at(-1) ?? [0, 0] }
}
