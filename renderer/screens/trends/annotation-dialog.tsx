import { Button, Checkbox, Group, Modal, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Annotation, MOST_ANNOTATION_TEXT } from '#contract/api/annotations.ts'
import { useMe, useSite } from '#renderer/api/use-session.ts'
import { parseLocal, toLocal } from '#renderer/charts/local-time.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { useAnnotationActions } from './use-annotations.ts'
import { useLikelyTenant } from './use-likely-tenant.ts'
import type { TrendChannel } from './use-trend-channels.ts'

export interface AnnotationSubject {
  /** The one to change, or null for a new one. */
  annotation: Annotation | null
  /** ms; the same for a point in time. */
  from: number
  to: number
}

/** Writes or changes an annotation: when, what, and about what. */
export function AnnotationDialog(props: {
  subject: AnnotationSubject
  /** Those shown; calculated ones are of no gateway and cannot be written about. */
  channels: readonly TrendChannel[]
  onClose(): void
}) {
  const { t } = useTranslation(['trends', 'common'])
  const format = useFormat()
  useFocusBack()
  const { annotation, from, to } = props.subject
  const { create, update, remove } = useAnnotationActions()
  const [text, setText] = useState(annotation?.text ?? '')
  const [start, setStart] = useState(toLocal(from))
  const [end, setEnd] = useState(toLocal(to))
  const [isSpan, setSpan] = useState(to > from)
  const [channelIds, setChannelIds] = useState<string[]>(annotation?.channelIds ?? [])
  const [isAboutAll, setAboutAll] = useState((annotation?.channelIds.length ?? 0) === 0)
  const [isTried, setTried] = useState(false)
  const tenants = useSite()?.tenants ?? []
  const isOfSite = useMe()?.tenantId === null
  const likely = useLikelyTenant(props.channels)
  const [tenant, setTenant] = useState<string | null>(annotation?.tenant.slug ?? likely)
  const needsTenant = annotation === null && isOfSite && tenants.length > 1 && isAboutAll
  const channels = props.channels.filter(({ calculation }) => calculation === undefined)

  // A time that nobody touched keeps its milliseconds, which the field does not show.
  const startAt = start === toLocal(from) ? from : parseLocal(start)
  const endAt = isSpan ? (end === toLocal(to) && to > from ? to : parseLocal(end)) : startAt
  const problems = {
    text: text.trim() === '' ? t('annotation.textMissing') : null,
    start: startAt === null ? t('annotation.timeMissing') : null,
    end:
      endAt === null
        ? t('annotation.timeMissing')
        : startAt !== null && endAt < startAt
          ? t('annotation.order')
          : null,
    about: !isAboutAll && channelIds.length === 0 ? t('annotation.aboutMissing') : null,
    tenant: needsTenant && tenant === null ? t('annotation.tenantMissing') : null,
  }
  const shown = (problem: string | null) => (isTried ? problem : null)
  const call = annotation === null ? create : update
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.values(problems).some((problem) => problem !== null) || startAt === null || endAt === null)
      return
    const input = {
      from: startAt,
      to: endAt,
      text: text.trim(),
      channelIds: isAboutAll ? [] : channelIds,
      ...(needsTenant && tenant !== null && { tenant }),
    }
    const options = { onSuccess: props.onClose }
    if (annotation === null) create.mutate(input, options)
    else update.mutate({ ...input, of: annotation }, options)
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={annotation === null ? t('annotation.new') : t('annotation.edit')}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Textarea
            label={t('annotation.text')}
            value={text}
            maxLength={MOST_ANNOTATION_TEXT}
            autosize
            minRows={2}
            maxRows={8}
            error={shown(problems.text)}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
          <Group grow align="flex-start">
            <TextInput
              type="datetime-local"
              step={1}
              label={isSpan ? t('annotation.from') : t('annotation.at')}
              value={start}
              error={shown(problems.start)}
              onChange={(event) => setStart(event.currentTarget.value)}
            />
            {isSpan && (
              <TextInput
                type="datetime-local"
                step={1}
                label={t('annotation.to')}
                value={end}
                error={shown(problems.end)}
                onChange={(event) => setEnd(event.currentTarget.value)}
              />
            )}
          </Group>
          <Checkbox
            label={t('annotation.span')}
            checked={isSpan}
            onChange={(event) => setSpan(event.currentTarget.checked)}
          />
          <Radio.Group
            label={t('annotation.about')}
            value={isAboutAll ? 'all' : 'channels'}
            error={shown(problems.about)}
            onChange={(value) => setAboutAll(value === 'all')}
          >
            <Stack gap="xs" mt="xs">
              <Radio
                value="all"
                label={tenants.length > 1 ? t('annotation.aboutTenant') : t('annotation.aboutAll')}
              />
              <Radio
                value="channels"
                label={t('annotation.aboutChannels')}
                disabled={channels.length === 0}
              />
            </Stack>
          </Radio.Group>
          {!isAboutAll && (
            <Checkbox.Group
              aria-label={t('annotation.aboutChannels')}
              value={channelIds}
              onChange={setChannelIds}
            >
              <Stack gap="xs" pl="lg" style={{ maxHeight: 180, overflowY: 'auto' }}>
                {channels.map((channel) => (
                  <Checkbox
                    key={channel.id}
                    value={channel.id}
                    label={`${channel.gatewayCode} ${channel.name}`}
                  />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
          {needsTenant && (
            <Select
              label={t('annotation.tenant')}
              value={tenant}
              data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
              error={shown(problems.tenant)}
              onChange={setTenant}
            />
          )}
          {annotation !== null && (
            <p className="sub small">
              {t('annotation.written', {
                by: annotation.authorName ?? '?',
                at: format.dateTime(annotation.createdAt),
              })}
            </p>
          )}
          {call.error !== null && <ErrorNote error={call.error} />}
          {remove.error !== null && <ErrorNote error={remove.error} />}
          <Group justify={annotation === null ? 'flex-end' : 'space-between'}>
            {annotation !== null && (
              <Button
                color="red"
                loading={remove.isPending}
                onClick={() => remove.mutate(annotation.id, { onSuccess: props.onClose })}
              >
                {t('annotation.delete')}
              </Button>
            )}
            <Group>
              <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
              <Button type="submit" variant="filled" loading={call.isPending}>
                {t('common:action.save')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
