/** Chosen rows by id, and where a range with Shift begins. */
export interface Selection {
  ids: ReadonlySet<string>
  anchor: string | null
}

export const nothingSelected: Selection = { ids: new Set(), anchor: null }

/** Turns one row on or off. */
export function toggle(selection: Selection, id: string): Selection {
  const ids = new Set(selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** With Shift: adds every row from the anchor to this one, in the order that is shown. */
export function extend(selection: Selection, id: string, shown: readonly { id: string }[]): Selection {
  const from = shown.findIndex((row) => row.id === selection.anchor)
  const to = shown.findIndex((row) => row.id === id)
  if (from === -1 || to === -1) return toggle(selection, id)
  const ids = new Set(selection.ids)
  for (const row of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(row.id)
  return { ids, anchor: selection.anchor }
}

/** All shown rows, or none when all were chosen already. */
export function toggleAll(selection: Selection, shown: readonly { id: string }[]): Selection {
  return allSelected(selection, shown)
    ? nothingSelected
    : { ids: new Set(shown.map((row) => row.id)), anchor: null }
}

export function allSelected(selection: Selection, shown: readonly { id: string }[]): boolean {
  return shown.length > 0 && shown.every((row) => selection.ids.has(row.id))
}
