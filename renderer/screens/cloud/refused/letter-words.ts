import { useTranslation } from 'react-i18next'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { useErrorText } from '#renderer/api/client.ts'
import { entityKey } from '../conflicts/conflict-words.ts'
import { problemError } from '../state-words.ts'

/** Objects that have a word of their own; others are shown by the name that the cloud has for them. */
const entities = new Set([
  'tenant',
  'group',
  'user',
  'gateway',
  'assignment',
  'channel',
  'certificate',
  'audit',
])

/** What an object of the fleet is called. */
export function useEntityWord(): (entity: string) => string {
  const { t } = useTranslation('cloud')
  return (entity) => {
    const key = entityKey(entity).replace(/s$/, '')
    return entities.has(key) ? t(`entity.${key}`) : entity
  }
}

/** How a refused thing is named, and why it was refused. */
export function useLetterWords() {
  const words = useErrorText()
  const entity = useEntityWord()
  return {
    name(letter: CloudDeadLetter): string {
      if (letter.kind === 'object')
        return [entity(letter.entity ?? ''), letter.entityId]
          .filter((part) => part !== null && part !== '')
          .join(' ')
      return [letter.gateway, letter.channel].filter((part) => part !== null).join(' · ')
    },
    reason: (letter: CloudDeadLetter) => words(problemError(letter.reason)),
  }
}
