import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { api, shell } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { toCsv } from '#renderer/ui/table/as-text.ts'
import type { Column } from '#renderer/ui/table/column.ts'

const FILE = 'refused-by-the-cloud.csv'
const PAGE = 500

/** All of them as a file: a browser fetches it from the site; the desktop's window, which has no HTTP, makes it of what it asks for. */
export function ExportButton(props: {
  letters: readonly CloudDeadLetter[]
  hasMore: boolean
  columns: readonly Column<CloudDeadLetter>[]
}) {
  const { t } = useTranslation('cloud')
  const save = useMutation({
    mutationFn: async () =>
      saveFile(FILE, toCsv(props.columns, props.hasMore ? await everyLetter() : props.letters), 'text/csv'),
  })
  const leftSection = <Icon name="download" size={14} />
  if (shell === undefined)
    return (
      <Button
        size="xs"
        component="a"
        href="/api/v1/cloud/dead-letters.csv"
        download={FILE}
        leftSection={leftSection}
      >
        {t('refused.export')}
      </Button>
    )
  return (
    <Button size="xs" loading={save.isPending} onClick={() => save.mutate()} leftSection={leftSection}>
      {t('refused.export')}
    </Button>
  )
}

async function everyLetter(): Promise<CloudDeadLetter[]> {
  const all: CloudDeadLetter[] = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<typeof api.cloud.deadLetters>> = await api.cloud.deadLetters({
      limit: PAGE,
      ...(after !== null && { after }),
    })
    all.push(...page.deadLetters)
    after = page.next
  } while (after !== null)
  return all
}
