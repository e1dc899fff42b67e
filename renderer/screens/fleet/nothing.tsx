import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty } from '#renderer/ui/layout.tsx'

export function NoGateway() {
  const { t } = useTranslation('fleet')
  const mayAdd = useMay('gateways:write')
  return (
    <Empty
      title={t('empty.title')}
      text={t('empty.text')}
      action={
        mayAdd && (
          <Button
            variant="filled"
            size="lg"
            leftSection={<Icon name="plus" />}
            renderRoot={(root) => <Link to="/fleet/add" {...root} />}
          >
            {t('empty.button')}
          </Button>
        )
      }
    />
  )
}

export function NothingFound({ onClear }: { onClear(): void }) {
  const { t } = useTranslation('fleet')
  return (
    <Empty
      title={t('nothing.title')}
      text={t('nothing.text')}
      action={<Button onClick={onClear}>{t('nothing.button')}</Button>}
    />
  )
}
