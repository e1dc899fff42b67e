import type { Fields } from './codec.ts'

/** What a payload adds to the fields of the topic: the key of an object, the name at a place. */
export type ChannelName = (fields: Fields, extra: string) => string

/**
 * `slot/{n}` as a function: fields of the topic by name; `extraName` (`key` or `name`) is what the payload gives.
 *
 * @example channelTemplate('{category}/{key}', 'key')({ category: 'air' }, 'ph') // 'air/ph'
 */
export function channelTemplate(template: string, extraName: string): ChannelName {
  const parts = template.split(/(\{[a-zA-Z0-9]+\})/).filter((part) => part !== '')
  const pieces = parts.map((part) => (part.startsWith('{') ? { field: part.slice(1, -1) } : { text: part }))
  return (fields, extra) => {
    let name = ''
    for (const piece of pieces)
      name += 'text' in piece ? piece.text : piece.field === extraName ? extra : (fields[piece.field] ?? '')
    return name
  }
}
