import { Button, Menu } from '@mantine/core'
import { memo, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { exportFileName, useExportCsv } from '#renderer/charts/export-csv.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { ExportDataDialog } from './export-data-dialog.tsx'
import type { Paper } from './paper.ts'
import type { TrendChannel } from './use-trend-channels.ts'

/** What is shown as a picture, a page or a file; the readings behind it as a job. */
export const ExportMenu = memo(function ExportMenu(props: {
  channels: readonly TrendChannel[]
  /** The visible range when it is asked for. */
  window(): TimeWindow
  paper(): Paper | null
  onError(error: unknown): void
}) {
  const { t } = useTranslation(['trends', 'charts'])
  const mayExport = useMay('telemetry:export')
  const saving = useExportCsv()
  const { onError } = props
  useEffect(() => {
    if (saving.error !== null) onError(saving.error)
  }, [saving.error, onError])
  const [isDrawing, setDrawing] = useState(false)
  const [asked, setAsked] = useState<TimeWindow | null>(null)
  // What is calculated has no single readings to export.
  const measured = props.channels.filter(({ calculation }) => calculation === undefined)
  const picture = async () => {
    const paper = props.paper()
    if (paper === null) return
    setDrawing(true)
    try {
      const { trendPicture } = await import('./trend-picture.ts')
      const { from, to } = paper.window
      const name = exportFileName(t('exportName'), from, to).replace(/csv$/, 'png')
      await saveFile(name, await trendPicture(paper), 'image/png')
    } catch (error) {
      onError(error)
    } finally {
      setDrawing(false)
    }
  }
  const csv = () => {
    const window = props.window()
    saving.start(
      {
        channelIds: measured.map(({ id }) => id),
        from: Math.round(window.from),
        to: Math.round(window.to),
      },
      exportFileName(t('exportName'), window.from, window.to),
    )
  }
  return (
    <>
      <Menu width={260} position="bottom-end" withinPortal>
        <Menu.Target>
          <Button
            leftSection={<Icon name="download" size={14} />}
            disabled={props.channels.length === 0}
            loading={saving.busy || isDrawing}
          >
            {t('export.button')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void picture()}>{t('export.png')}</Menu.Item>
          <Menu.Item onClick={() => print()}>{t('export.print')}</Menu.Item>
          {mayExport && measured.length > 0 && (
            <>
              <Menu.Divider />
              <Menu.Item onClick={csv}>{t('export.csv')}</Menu.Item>
              <Menu.Item onClick={() => setAsked(props.window())}>{t('export.data')}</Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {asked !== null && (
        <ExportDataDialog channels={measured} window={asked} onClose={() => setAsked(null)} />
      )}
    </>
  )
})
