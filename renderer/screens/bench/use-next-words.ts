import { useTranslation } from 'react-i18next'

interface Naming {
  codePattern: string
  namePattern: string
}

const ofBoard = /\{(?:mac|label)\}/

/** What the next board becomes, as far as that is known before it is there: not what is made of its MAC. */
export function useNextWords(): (
  naming: Naming,
  first: { code: string; name: string },
  second?: { code: string },
) => string {
  const { t } = useTranslation('bench')
  return (naming, first, second) => {
    const code = ofBoard.test(naming.codePattern) ? naming.codePattern : first.code
    const name = ofBoard.test(naming.namePattern) ? naming.namePattern : first.name
    if (second === undefined || code === naming.codePattern) return t('setup.next', { code, name })
    return t('setup.nextTwo', { code, name, second: second.code })
  }
}
