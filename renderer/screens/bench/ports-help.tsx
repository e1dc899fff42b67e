import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { BenchPort } from '#contract/api/bench.ts'
import { api } from '#renderer/api/client.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import css from './bench.module.css'

/** What keeps the site from its ports, and what puts it right. */
export function PortsHelp({ ports }: { ports: readonly BenchPort[] }) {
  const { t } = useTranslation(['bench', 'common'])
  const me = useMe()
  // Asked for again when a port comes, goes, or can be opened now.
  const state = ports.map(({ path, access }) => `${path} ${access.state}`).join()
  const { data } = useQuery({
    queryKey: ['bench', 'help', state],
    queryFn: async ({ signal }) => (await api.bench.ports(undefined, { signal })).help,
    placeholderData: (before) => before,
    staleTime: 0,
  })
  const install = useMutation({ mutationFn: () => api.bench.installUdevRule() })
  const command = install.data?.command ?? data?.command ?? null
  if (install.data?.installed === true)
    return (
      <Note tone="info" title={t('help.installed')}>
        {t('help.installedText')}
      </Note>
    )
  if (data === null || data === undefined) return null
  const words = { group: data.group ?? 'dialout' }
  return (
    <>
      <Note
        tone="yellow"
        title={t(`help.${data.problem}.title`, words)}
        action={
          me?.reach === 'site' && data.problem !== 'no_driver' && data.problem !== 'no_udevadm' ? (
            <Button loading={install.isPending} onClick={() => install.mutate()}>
              {t('help.install')}
            </Button>
          ) : undefined
        }
      >
        {t(`help.${data.problem}.text`, words)}
        {command !== null && (
          <span className={css.command}>
            <code className="mono">{command}</code>
            <CopyIconButton value={command} label={t('common:action.copy')} />
          </span>
        )}
      </Note>
      {install.error !== null && <ErrorNote error={install.error} />}
    </>
  )
}
