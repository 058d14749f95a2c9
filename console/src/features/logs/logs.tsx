import { Badge, Button, Center, Group, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconArrowUp, IconListSearch, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type FormEvent, useMemo, useState } from 'react'
import type { FeedState } from '../../api/feed.ts'
import type { RecentRequest } from '../../api/model.ts'
import { Empty, Failed, Loading } from '../../components/faces.tsx'
import { Page } from '../../components/page.tsx'
import { Filters } from './filters.tsx'
import { useFollowed } from './follow.ts'
import { type LogsSearch, logsFilters } from './link.tsx'
import { merged, requestKey } from './merge.ts'
import { requestsFeedUrl, requestsQuery } from './queries.ts'
import { RequestDrawer } from './request-drawer.tsx'
import { RequestTable } from './request-table.tsx'
import { useT } from './texts.ts'

const FROM = '/services/$service/stages/$stage/logs'

/** The last requests of a stage, and those that come. */
export function Logs() {
  const t = useT()
  const at = useParams({ from: FROM })
  const search = useSearch({ from: FROM })
  const navigate = useNavigate()
  const filter = filterIn(search)
  const isFollowing = search.follow !== undefined
  const requests = useInfiniteQuery(requestsQuery(at, filter))
  const followed = useFollowed(isFollowing ? requestsFeedUrl(at, filter) : null, () => void requests.refetch())
  const listed = useMemo(() => requests.data?.pages.flatMap(({ items }) => items) ?? [], [requests.data])
  const all = useMemo(() => merged(followed.requests, listed), [followed.requests, listed])
  const held = useHeld(all)
  const change = (changes: Readonly<Record<string, string | undefined>>, replace = true) => {
    const next = Object.entries({ ...search, ...changes }).filter(([, value]) => value !== undefined && value !== '')
    void navigate({ to: '.', search: Object.fromEntries(next) as never, replace, resetScroll: false })
  }
  return (
    <Page title={t('title')} lead={t('lead')} actions={<Find onFind={(request) => change({ request }, false)} />}>
      <Filters search={filter} onChange={change} />
      <Group justify="space-between">
        <Group gap="md">
          <Switch
            label={t('follow')}
            checked={isFollowing}
            onChange={(event) => change({ follow: event.currentTarget.checked ? '1' : undefined })}
          />
          {isFollowing && <Following state={followed.state} />}
        </Group>
        {followed.missed > 0 && (
          <Text size="sm" c="dimmed" role="status">
            {t('missed', { count: followed.missed })}
          </Text>
        )}
      </Group>
      {requests.isPending && <Loading rows={10} />}
      {requests.isError && listed.length === 0 && (
        <Failed error={requests.error} onRetry={() => void requests.refetch()} />
      )}
      {requests.isSuccess && all.length === 0 && <Nothing isFiltered={Object.keys(filter).length > 0} />}
      {all.length > 0 && (
        <Stack gap={4} pos="relative">
          {held.count > 0 && (
            <Center pos="absolute" top={48} left={0} right={0} style={{ zIndex: 4, pointerEvents: 'none' }}>
              <Button
                size="xs"
                radius="xl"
                style={{ pointerEvents: 'auto' }}
                leftSection={<IconArrowUp size={14} aria-hidden />}
                onClick={held.release}
              >
                {t('held', { count: held.count })}
              </Button>
            </Center>
          )}
          <RequestTable
            key={held.generation}
            requests={held.shown}
            onTop={held.onTop}
            onOpen={({ id }) => change({ request: id }, false)}
            footer={
              requests.hasNextPage && (
                <Center p="sm">
                  <Button
                    size="xs"
                    variant="default"
                    loading={requests.isFetchingNextPage}
                    onClick={() => void requests.fetchNextPage()}
                  >
                    {t('more')}
                  </Button>
                </Center>
              )
            }
          />
        </Stack>
      )}
      <RequestDrawer
        id={search.request}
        known={all.find(({ id }) => id === search.request)}
        onClose={() => change({ request: undefined })}
      />
    </Page>
  )
}

function filterIn(search: LogsSearch): LogsSearch {
  return Object.fromEntries(logsFilters.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])))
}

/** What comes while somebody reads further down waits until they are at the top again: nothing moves under their eyes. */
function useHeld(all: readonly RecentRequest[]) {
  const [first, setFirst] = useState<string | null>(null)
  const [generation, setGeneration] = useState(0)
  const count =
    first === null
      ? 0
      : Math.max(
          all.findIndex((request) => requestKey(request) === first),
          0,
        )
  const newest = all[0]
  return {
    count,
    generation,
    shown: count === 0 ? all : all.slice(count),
    onTop: (isAtTop: boolean) =>
      setFirst((before) => (isAtTop || newest === undefined ? null : (before ?? requestKey(newest)))),
    release() {
      setFirst(null)
      // A table that begins at its top.
      setGeneration((before) => before + 1)
    },
  }
}

const feedColors = { connecting: 'gray', live: 'teal', lost: 'red' } as const
const feedLabels = { connecting: 'feedConnecting', live: 'feedLive', lost: 'feedLost' } as const

function Following({ state }: { readonly state: FeedState }) {
  const t = useT()
  return (
    <Badge variant="dot" color={feedColors[state]} role="status" tt="none">
      {t(feedLabels[state])}
    </Badge>
  )
}

function Find({ onFind }: { readonly onFind: (id: string) => void }) {
  const t = useT()
  const [id, setId] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (id.trim() !== '') onFind(id.trim())
  }
  return (
    <form onSubmit={submit}>
      <TextInput
        size="xs"
        w={260}
        aria-label={t('find')}
        placeholder={t('find')}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
    </form>
  )
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  const t = useT()
  return (
    <Empty
      icon={IconListSearch}
      title={t(isFiltered ? 'nothing' : 'empty')}
      hint={t(isFiltered ? 'nothingHint' : 'emptyHint')}
    />
  )
}
