import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { readBirthRecord } from './birth-record.ts'
import css from './gateway.module.css'
import { shortHex } from './hex.ts'

/** How the gateway came to be on the bench, as the site signed it; nothing, where it came another way. */
export function BirthRecordCard({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const { data } = useQuery({
    queryKey: ['gateway', gateway.id, 'birth-record'],
    queryFn: ({ signal }) => api.bench.birthRecord({ gateway: gateway.id }, { signal }),
    retry: false,
  })
  if (data === undefined) return null
  const record = readBirthRecord(data.record)
  const mono = (text: string) => <span className={`mono ${css.wrap}`}>{text}</span>
  const hash = (text: string) => (
    <span className="mono" title={text}>
      {shortHex(text)}
    </span>
  )
  // The exact bytes that are signed, and beside them what checks them.
  const file = JSON.stringify(
    { record: data.record, signature: data.signature, keyId: data.keyId, publicKey: data.publicKey },
    null,
    2,
  )
  return (
    <Card
      title={t('birth.title')}
      end={
        <>
          <CopyButton value={data.record} label={t('birth.copy')} />
          <Button
            size="xs"
            leftSection={<Icon name="download" size={14} />}
            onClick={() =>
              void saveFile(`birth-record-${gateway.code}.json`, `${file}\n`, 'application/json')
            }
          >
            {t('birth.download')}
          </Button>
        </>
      }
      className={css.fixed ?? ''}
    >
      <KeyValues
        pairs={[
          record.flashedAt === null ? null : [t('birth.at'), format.dateTime(record.flashedAt)],
          record.who === null ? null : [t('birth.who'), record.who],
          record.board === null ? null : [t('birth.board'), record.board],
          record.mac === null ? null : [t('birth.mac'), mono(record.mac)],
          record.firmware === null ? null : [t('birth.firmware'), record.firmware],
          record.firmwareHash === null ? null : [t('birth.firmwareHash'), hash(record.firmwareHash)],
          record.nvsHash === null ? null : [t('birth.nvsHash'), hash(record.nvsHash)],
          record.certificate === null ? null : [t('birth.certificate'), hash(record.certificate)],
          ...record.tests.map((test): [string, string] => [
            t(`birth.test.${test.name.replaceAll(' ', '_')}`, { defaultValue: test.name }),
            [
              t(`birth.result.${test.result}`, { defaultValue: test.result }),
              test.value instanceof Date ? format.dateTime(test.value) : test.value,
            ]
              .filter((part) => part !== '')
              .join(', '),
          ]),
          [t('birth.key'), hash(data.keyId)],
        ]}
      />
    </Card>
  )
}
