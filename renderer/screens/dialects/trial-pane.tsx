import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TriedMessage } from '#contract/api/dialects.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { api } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { type Sample, samplesOf } from './dialect-draft.ts'
import css from './dialects.module.css'
import { RightsTable } from './rights-table.tsx'
import { type Played, useTrial } from './use-dialects.ts'

const names = ['gateway', 'topic', 'tenantAlias', 'user'] as const
const CAPTURED = 50
const MOST = 100

/** What the broker would do with messages under the dialect as it stands there, and what a gateway would be allowed. */
export function TrialPane({ definition }: { definition: DialectDefinition | null }) {
  const { t } = useTranslation('dialects')
  const [played, setPlayed] = useState<Played>({ gateway: '', topic: '', tenantAlias: '', user: '' })
  const [samples, setSamples] = useState<Sample[]>([])
  const [text, setText] = useState('')
  const [tried] = useDebouncedValue(definition, 300)
  const [who] = useDebouncedValue(played, 300)
  const trial = useTrial(tried, who, samples)
  const mayWatch = useMay('telemetry:read')
  const add = (more: (firstKey: number) => Sample[]) =>
    setSamples((before) => [...before, ...more((before.at(-1)?.key ?? 0) + 1)].slice(-MOST))
  const capture = useMutation({
    mutationFn: () =>
      api.topics.captured({
        wait: 2,
        limit: CAPTURED,
        ...(played.gateway !== '' && { gateway: played.gateway }),
      }),
    onSuccess: ({ messages }) =>
      add((firstKey) =>
        messages.map(({ topic, payload, encoding }, index) => ({
          key: firstKey + index,
          topic,
          payload,
          encoding: encoding === 'base64' ? 'base64' : 'text',
        })),
      ),
  })
  return (
    <div className={css.stack}>
      <Card title={t('trial.title')}>
        <div className={css.inset}>
          <div className={css.fields}>
            {names.map((name) => (
              <TextInput
                key={name}
                label={t(`trial.${name}`)}
                value={played[name]}
                maxLength={128}
                disabled={name !== 'gateway' && played.gateway !== ''}
                onChange={(event) => setPlayed({ ...played, [name]: event.currentTarget.value })}
              />
            ))}
          </div>
          <Textarea
            label={t('trial.messages')}
            description={t('trial.hint')}
            className={css.mono ?? ''}
            value={text}
            minRows={2}
            maxRows={6}
            autosize
            spellCheck={false}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className={css.buttons}>
            <Button
              disabled={text.trim() === ''}
              onClick={() => {
                add((firstKey) => samplesOf(text, firstKey))
                setText('')
              }}
            >
              {t('trial.add')}
            </Button>
            {mayWatch && (
              <Button loading={capture.isPending} onClick={() => capture.mutate()}>
                {t('trial.capture')}
              </Button>
            )}
            {samples.length > 0 && <Button onClick={() => setSamples([])}>{t('trial.clear')}</Button>}
          </div>
          {capture.data?.messages.length === 0 && <p className="sec">{t('trial.nothing')}</p>}
          {capture.error !== null && <ErrorNote error={capture.error} />}
          {trial.error !== null && <ErrorNote error={trial.error} />}
          {samples.length > 0 && (
            <ul className={css.results} aria-label={t('trial.results')}>
              {samples.map((sample, index) => (
                <Result
                  key={sample.key}
                  sample={sample}
                  tried={trial.data?.results[index]}
                  onRemove={() => setSamples(samples.filter(({ key }) => key !== sample.key))}
                />
              ))}
            </ul>
          )}
        </div>
      </Card>
      <Card title={t('rights.title')}>
        {trial.data ? (
          <RightsTable rights={trial.data.rights} clientId={trial.data.clientId} />
        ) : (
          <p className={`${css.inset} sec`}>{t('rights.none')}</p>
        )}
      </Card>
    </div>
  )
}

function Result(props: { sample: Sample; tried: TriedMessage | undefined; onRemove(): void }) {
  const { t } = useTranslation(['dialects', 'refusals'])
  const { sample, tried } = props
  return (
    <li className={css.result} data-verdict={tried?.verdict}>
      <div className={css.message}>
        <code className="ellipsis" title={sample.topic}>
          {sample.topic}
        </code>
        <code className="ellipsis sec" title={sample.payload}>
          {sample.payload}
        </code>
      </div>
      <div className={css.verdict}>
        {tried === undefined ? t('dialects:verdict.waiting') : <Verdict tried={tried} />}
      </div>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('dialects:trial.remove', { topic: sample.topic })}
        onClick={props.onRemove}
      >
        <Icon name="close" />
      </ActionIcon>
    </li>
  )
}

function Verdict({ tried }: { tried: TriedMessage }) {
  const { t } = useTranslation(['dialects', 'refusals'])
  switch (tried.verdict) {
    case 'readings':
      return tried.readings.length === 0 ? (
        <span>{t('dialects:verdict.empty')}</span>
      ) : (
        <span>
          {tried.readings.map(({ channel, value, unit, ts }) => (
            <span
              key={channel}
              className={css.reading}
              title={ts === null ? t('dialects:verdict.siteTime') : new Date(ts).toISOString()}
            >
              <code>{channel}</code> {String(value)} {unit}
            </span>
          ))}
        </span>
      )
    case 'refused':
      return (
        <span>
          {t(`refusals:reason.${tried.reason}`)}: {tried.detail}
        </span>
      )
    case 'message':
      return <span>{t('dialects:verdict.message', { kind: t(`dialects:kind.${tried.kind}`) })}</span>
    case 'to_gateway':
      return <span>{t('dialects:verdict.to_gateway')}</span>
    case 'denied':
      return <span>{t('dialects:verdict.denied')}</span>
  }
}
