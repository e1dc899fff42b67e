/** The headings of a Markdown text, outside code, and the anchors that links reach them by. */
export function headings(markdown: string): { level: number; text: string; anchor: string }[] {
  const found: { level: number; text: string; anchor: string }[] = []
  for (const line of withoutCode(markdown).split('\n')) {
    const match = /^(#{1,6}) +(.+?)\s*$/.exec(line)
    if (match === null) continue
    const [, marks = '', text = ''] = match
    found.push({ level: marks.length, text, anchor: anchorOf(text) })
  }
  return found
}

/** Targets of the links and images of a Markdown text. */
export function links(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** Lower case, spaces to dashes, other signs left out: what the usual renderers make of a heading. */
function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/^ {4}.*$/gm, '')
}
