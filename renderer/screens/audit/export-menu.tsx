import { Button, Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { AuditFilter } from '#contract/api/audit.ts'
import { api } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'

/** What is filtered as a file: a job writes it, and the list of jobs hands it out. */
export function ExportMenu(props: {
  filter(): AuditFilter
  onStarted(): void
  onError(error: unknown): void
}) {
  const { t } = useTranslation('audit')
  const start = useMutation({
    mutationFn: (format: 'csv' | 'jsonl') => api.audit.startExport({ ...props.filter(), format }),
    onSuccess: props.onStarted,
    onError: props.onError,
  })
  return (
    <Menu width={240} position="bottom-end" withinPortal>
      <Menu.Target>
        <Button leftSection={<Icon name="download" size={14} />} loading={start.isPending}>
          {t('export.button')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => start.mutate('csv')}>{t('export.csv')}</Menu.Item>
        <Menu.Item onClick={() => start.mutate('jsonl')}>{t('export.jsonl')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
