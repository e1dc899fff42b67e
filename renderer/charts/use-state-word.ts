import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

/** How a state is called on screen: texts as they are, booleans in the person's language, several at once as such. */
export function useStateWord(): (state: string | null) => string {
  const { t } = useTranslation('charts')
  return useCallback(
    (state) =>
      state === null
        ? t('state.several')
        : state === 'true'
          ? t('state.true')
          : state === 'false'
            ? t('state.false')
            : state,
    [t],
  )
}
