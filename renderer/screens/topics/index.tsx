import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useHotkeys, useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { ClearDialog } from './clear-dialog.tsx'
import { PublishPanel } from './publish-panel.tsx'
import { TopicDetail } from './topic-detail.tsx'
import { pageTime, type TopicStore } from './topic-store.ts'
import { rateText, TopicTree } from './topic-tree.tsx'
import css from './topics.module.css'
import { useTopicTree } from './use-topic-tree.ts'

/** A filter is asked for when one stops typing, ms. */
const TYPING = 250

/** Everything that is published, live: a tree of what the person may see, the chosen topic beside it, and to publish. */
export function TopicsScreen() {
  const { t } = useTranslation('topics')
  const [search, change] = useTopicSearch()
  const tenant = useTenantScope().tenant?.slug
  const [paused, setPaused] = useState(false)
  const [publishing, setPublishing] = useState(false)
  const [clearing, setClearing] = useState<string | null>(null)
  const mayPublish = useMay('gateways:command')
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const { store, error, isOpen, setOpen } = useTopicTree({
    filter: search.filter,
    tenant,
    paused,
    selected: search.topic,
  })
  const rows = store.shown(isOpen)
  const detail = useRef<HTMLElement>(null)
  const choose = useCallback((topic: string) => change({ topic }), [change])
  const beside = search.topic !== null || publishing
  return (
    <Page
      flush
      title={t('title')}
      beside={<FilterField filter={search.filter} onFilter={(filter) => change({ filter })} />}
      actions={
        <>
          <Button
            leftSection={<Icon name={paused ? 'play' : 'pause'} size={14} />}
            aria-pressed={paused}
            onClick={() => setPaused(!paused)}
          >
            {t(paused ? 'resume' : 'pause')}
          </Button>
          {mayPublish && (
            <Button variant="filled" onClick={() => setPublishing(true)}>
              {t('publish.open')}
            </Button>
          )}
        </>
      }
    >
      <StatusLine store={store} paused={paused} />
      {error !== null && (
        <div className={css.inset}>
          <ErrorNote error={error} />
        </div>
      )}
      <div className={css.body}>
        {(!narrow || !beside) && (
          <div className={css.left}>
            {rows.length > 0 && (
              <TopicTree
                store={store}
                rows={rows}
                active={search.topic}
                onActive={choose}
                onOpen={setOpen}
                onEnter={() => detail.current?.querySelector<HTMLElement>('button')?.focus()}
              />
            )}
            {rows.length === 0 && error === null && <Nothing store={store} filter={search.filter} />}
          </div>
        )}
        {beside && (
          <aside className={css.aside} ref={detail}>
            {publishing && <PublishPanel topic={search.topic ?? ''} onClose={() => setPublishing(false)} />}
            {search.topic !== null && !(narrow && publishing) && (
              <TopicDetail
                path={search.topic}
                row={store.row(search.topic)}
                tenant={tenant}
                paused={paused}
                mayPublish={mayPublish}
                onPublish={() => setPublishing(true)}
                onClear={() => setClearing(search.topic)}
                onClose={() => change({ topic: null })}
              />
            )}
          </aside>
        )}
      </div>
      {clearing !== null && <ClearDialog topic={clearing} onClose={() => setClearing(null)} />}
    </Page>
  )
}

interface TopicSearch {
  filter: string
  topic: string | null
}

/** Filter and topic stand in the address. */
function useTopicSearch(): [TopicSearch, (part: Partial<TopicSearch>) => void] {
  const { q, topic }: { q?: unknown; topic?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (part: Partial<TopicSearch>) => {
      const next = {
        ...('filter' in part && { q: part.filter === '' ? undefined : part.filter }),
        ...('topic' in part && { topic: part.topic ?? undefined }),
      }
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, ...next }),
        replace: true,
        resetScroll: false,
      } as never)
    },
    [navigate],
  )
  // A topic of digits alone comes back from the address as a number.
  const text = (value: unknown) => (typeof value === 'number' ? String(value) : value)
  const [filter, chosen] = [text(q), text(topic)]
  return [
    {
      filter: typeof filter === 'string' ? filter : '',
      topic: typeof chosen === 'string' ? chosen : null,
    },
    change,
  ]
}

function FilterField({ filter, onFilter }: { filter: string; onFilter(filter: string): void }) {
  const { t } = useTranslation('topics')
  const [text, setText] = useState(filter)
  const field = useRef<HTMLInputElement>(null)
  const told = useRef(onFilter)
  told.current = onFilter
  useHotkeys([['/', () => field.current?.focus()]])
  useEffect(() => {
    if (text === filter) return
    const timer = setTimeout(() => told.current(text), TYPING)
    return () => clearTimeout(timer)
  }, [text, filter])
  return (
    <TextInput
      ref={field}
      className={css.filter ?? ''}
      aria-label={t('filter.label')}
      placeholder={t('filter.placeholder')}
      value={text}
      maxLength={512}
      spellCheck={false}
      autoComplete="off"
      leftSection={<Icon name="search" size={14} />}
      rightSection={
        text === '' ? undefined : (
          <ActionIcon
            size="xs"
            variant="transparent"
            color="gray"
            aria-label={t('filter.clear')}
            onClick={() => setText('')}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        )
      }
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setText('')
      }}
    />
  )
}

/** How much is there, and what of it is not shown. */
function StatusLine({ store, paused }: { store: TopicStore; paused: boolean }) {
  const { t } = useTranslation('topics')
  const format = useFormat()
  // While nothing comes, rates fade.
  useNow()
  const { totals } = store
  if (totals === null) return null
  const { topics, messages, notShown, topicsLeftOut, rowsLeftOut } = totals
  const rate = rateText(format, store.totalRate(pageTime())) || '0'
  const parts = [
    t('totals', { count: topics, messages: format.integer(messages), rate }),
    ...(paused ? [t('paused')] : []),
  ]
  const left = [
    ...(notShown > 0 ? [t('notShown', { count: notShown })] : []),
    ...(topicsLeftOut > 0 ? [t('topicsLeftOut', { count: topicsLeftOut })] : []),
    ...(rowsLeftOut > 0 ? [t('rowsLeftOut', { count: rowsLeftOut })] : []),
  ]
  return (
    <p className={`${css.status} small sec`}>
      <span className="live-value">{parts.join(' · ')}</span>
      {left.length > 0 && <span className="t-yellow">{left.join(' · ')}</span>}
    </p>
  )
}

function Nothing({ store, filter }: { store: TopicStore; filter: string }) {
  const { t } = useTranslation('topics')
  if (!store.isWhole) return <Skeleton />
  return (
    <div className={css.inset}>
      {filter === '' ? (
        <Empty title={t('empty.title')} text={t('empty.text')} />
      ) : (
        <Empty title={t('empty.foundNothing')} text={t('empty.filterHint')} />
      )}
    </div>
  )
}
