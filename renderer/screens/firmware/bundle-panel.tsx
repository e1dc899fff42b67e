import { ActionIcon, Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '#contract/api/firmware.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { BuildDetails } from './build-details.tsx'
import css from './firmware.module.css'
import { saveBundle } from './save-bundle.ts'
import { groupsOf, Signature } from './signature.tsx'
import { useBundle } from './use-firmware.ts'

/** The chosen bundle beside the table. */
export function BundlePanel(props: {
  bundle: FirmwareBundle
  /** Whether the person may delete it, and trust its publisher. */
  mayWrite: boolean
  onRemove(): void
  onTrust(publicKey: string): void
  onClose(): void
}) {
  const { t } = useTranslation(['firmware', 'common'])
  const format = useFormat()
  const { bundle, mayWrite } = props
  const { data: details, error, refetch } = useBundle(bundle.id)
  const { several } = useTenants()
  const save = useMutation({ mutationFn: saveBundle })
  const { signer } = bundle
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: bundle.name })}>
      <div className={css.panelHead}>
        <h2 className="ellipsis">
          {bundle.name} <span className="sub">{bundle.version}</span>
        </h2>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('common:action.close')}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </ActionIcon>
      </div>
      {bundle.trust === 'untrusted' && signer !== null && (
        <div className={css.inset}>
          <Note
            tone="yellow"
            title={t('panel.untrusted')}
            action={
              mayWrite && (
                <button type="button" className="link-button" onClick={() => props.onTrust(signer.publicKey)}>
                  {t('publisher.add')}
                </button>
              )
            }
          >
            {t('panel.untrustedTodo')}
          </Note>
        </div>
      )}
      <KeyValues
        pairs={[
          [t('column.signature'), <Signature key="signature" bundle={bundle} />],
          signer === null
            ? null
            : [
                t('panel.fingerprint'),
                <Copied key="key" text={groupsOf(signer.fingerprint)} value={signer.fingerprint} />,
              ],
          [t('panel.kind'), t(`kind.${bundle.kind}`)],
          bundle.isSimulated
            ? [
                t('panel.runsOn'),
                <span key="on" className="t-magenta">
                  {t('panel.simulatedOnly')}
                </span>,
              ]
            : null,
          bundle.makesKeys ? [t('panel.key'), t('panel.makesKeys')] : null,
          bundle.improv ? [t('panel.wifi'), t('panel.improv')] : null,
          several ? [t('column.owner'), bundle.tenant?.name ?? t('wholeSite')] : null,
          [t('panel.hash'), <Copied key="hash" text={bundle.hash} value={bundle.hash} />],
          [t('column.size'), format.bytes(bundle.size)],
          [t('column.jobs'), format.integer(bundle.jobs)],
          [
            t('column.imported'),
            t('panel.importedBy', { at: format.dateTime(bundle.importedAt), name: bundle.importedBy }),
          ],
          details === undefined || details.skippedChips.length === 0
            ? null
            : [t('panel.skipped'), details.skippedChips.join(', ')],
        ]}
      />
      {error !== null && (
        <div className={css.inset}>
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {details === undefined && error === null && <Skeleton height={240} />}
      {details?.builds.map((build) => (
        <BuildDetails key={build.chip} build={build} />
      ))}
      {save.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={save.error} />
        </div>
      )}
      <div className={css.panelActions}>
        <Button
          size="xs"
          leftSection={<Icon name="download" size={14} />}
          disabled={details === undefined}
          loading={save.isPending}
          onClick={() => details !== undefined && save.mutate(details)}
        >
          {t('panel.download')}
        </Button>
        {mayWrite && (
          <Button size="xs" color="red" disabled={bundle.openRuns > 0} onClick={props.onRemove}>
            {t('remove.open')}
          </Button>
        )}
        {mayWrite && bundle.openRuns > 0 && <p className="sec small">{t('remove.inUse')}</p>}
      </div>
    </aside>
  )
}

function Copied({ text, value }: { text: string; value: string }) {
  const { t } = useTranslation('common')
  return (
    <span className={css.copied}>
      <span className={`mono ${css.hash}`}>{text}</span>
      <CopyIconButton value={value} label={t('action.copy')} />
    </span>
  )
}
