/** As text is compared. */
export function searchText(text: string): string {
  return text.toLowerCase()
}
