import { ActionIcon, CloseButton, Group, Text, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFold, IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useRead } from '../../api/use-read.ts'
import { notifyFailed } from '../../components/notify.ts'
import { useT as useCommon } from '../../i18n/index.tsx'
import { stageQuery } from '../stage/queries.ts'
import { useDesign } from './design-context.tsx'
import classes from './design-page.module.css'
import { useChangedNodes } from './drafts.tsx'
import { FindingCount } from './finding-list.tsx'
import { worstByNode } from './findings.ts'
import { useMoveMethods } from './move-methods.tsx'
import { RowMenu } from './node-menu.tsx'
import { useOpenNodes } from './open-nodes.ts'
import { lintQuery } from './queries.ts'
import { useT } from './texts.ts'
import { type Point, ResourceTree, type RowMarks } from './tree.tsx'
import { methodKey, type Row, rowsOf, selectedOf, wordsOf } from './tree-model.ts'

const SEARCH_DELAY_MS = 300

/** The tree with its search, and what stands around it. */
export function TreePane() {
  const t = useT()
  const { service, stage, tree, mayWrite, start, goTo } = useDesign()
  const { node, method } = useSearch({ from: '/services/$service/design' })
  const { text, setText, deferred } = useSearchText()
  const [menu, setMenu] = useState<{ readonly row: Row; readonly at: Point } | null>(null)
  const scrollRef = useRef<HTMLDivElement>(null)
  const open = useOpenNodes(service, tree)
  const { chosen, reveal } = open
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is open follows from what was chosen, and nothing else
  const rows = useMemo(() => rowsOf(tree, open.isOpen, deferred), [tree, chosen, deferred])
  const words = useMemo(() => wordsOf(deferred), [deferred])
  const marksOf = useMarks()
  const move = useMoveMethods(({ methods, to }) => goTo(methods[0] === undefined ? to : methodKey(methods[0].verb, to)))

  const selected = selectedOf(tree, node, method)
  const selectedKey = selected === null ? null : keyOf(selected.node.path, selected.method?.verb)
  // Somebody who comes from elsewhere sees where they are; a path that they close then stays closed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each node that is gone to
  useEffect(() => {
    if (selected !== null) reveal(selected.node, selected.method !== null)
  }, [selectedKey])

  const remove = (row: Row) => {
    if (row.kind === 'method') start({ kind: 'delete-method', node: row.node, method: row.method })
    else if (row.node.parent !== null) start({ kind: 'delete-path', node: row.node })
  }

  return (
    <section className={classes.pane} aria-label={t('design.tree')}>
      <SearchBar text={text} onChange={setText} onFold={() => open.setAll(false)} onUnfold={() => open.setAll(true)} />
      <ResourceTree
        label={t('design.tree')}
        rows={rows}
        words={words}
        selected={selectedKey}
        mayWrite={mayWrite}
        scrollRef={scrollRef}
        marksOf={marksOf}
        onSelect={(row) => goTo(row.key)}
        onOpen={(row, isOpen) => open.setOpen(row.node.path, isOpen)}
        onMenu={(row, at) => {
          if (mayWrite) setMenu({ row, at })
        }}
        onDelete={remove}
        onMove={(from, method, to) => move.mutate({ from, methods: [method], to: to.path }, { onError: notifyFailed })}
      />
      <Text size="xs" c="dimmed" aria-live="polite">
        {words.length === 0
          ? t('design.size', { paths: tree.byPath.size, methods: tree.methods })
          : t('design.found', { count: rows.length })}
      </Text>
      <FindingCount service={service} stage={stage} />
      {menu !== null && (
        <RowMenu
          node={menu.row.node}
          method={menu.row.kind === 'method' ? menu.row.method : null}
          at={menu.at}
          onClose={() => {
            setMenu(null)
            scrollRef.current?.focus()
          }}
        />
      )}
    </section>
  )
}

const keyOf = (path: string, verb: string | undefined) => (verb === undefined ? path : methodKey(verb, path))

/** What is typed into the search, and the same in the URL a little later. */
function useSearchText() {
  const { q = '' } = useSearch({ from: '/services/$service/design' })
  const navigate = useNavigate({ from: '/services/$service/design' })
  const [text, setShown] = useState(q)
  const keep = useDebouncedCallback((text: string) => {
    void navigate({
      search: ({ q: _q, ...others }) => (text === '' ? others : { ...others, q: text }),
      replace: true,
      resetScroll: false,
    })
  }, SEARCH_DELAY_MS)
  const setText = (next: string) => {
    setShown(next)
    keep(next)
  }
  return { text, setText, deferred: useDeferredValue(text) }
}

interface SearchBarProps {
  readonly text: string
  readonly onChange: (text: string) => void
  readonly onFold: () => void
  readonly onUnfold: () => void
}

function SearchBar({ text, onChange, onFold, onUnfold }: SearchBarProps) {
  const t = useT()
  const common = useCommon()
  return (
    <Group gap={4} wrap="nowrap">
      <TextInput
        flex={1}
        aria-label={t('design.search')}
        placeholder={t('design.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          text !== '' && <CloseButton size="sm" aria-label={common('action.remove')} onClick={() => onChange('')} />
        }
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Tooltip label={t('design.unfoldAll')}>
        <ActionIcon variant="default" size={36} aria-label={t('design.unfoldAll')} onClick={onUnfold}>
          <IconFold size={16} aria-hidden style={{ transform: 'rotate(180deg)' }} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('design.foldAll')}>
        <ActionIcon variant="default" size={36} aria-label={t('design.foldAll')} onClick={onFold}>
          <IconFold size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Group>
  )
}

/** What is to be seen at the rows: findings, settings of the stage, what is not saved. */
function useMarks(): (row: Row) => RowMarks {
  const { service, stage } = useDesign()
  const changed = useChangedNodes()
  const lint = useRead(lintQuery(service, stage))
  const found = useRead({ ...stageQuery(service, stage ?? ''), enabled: stage !== undefined })
  const worst = useMemo(() => worstByNode(lint.data ?? []), [lint.data])
  const overlaid = useMemo(
    () =>
      new Set(
        (stage === undefined ? [] : (found.data?.value.overlay ?? [])).map(({ path, verb }) =>
          keyOf(path, verb ?? undefined),
        ),
      ),
    [stage, found.data],
  )
  return (row) => ({
    // What is folded shows what is wrong below it.
    finding: row.kind === 'path' && row.isOpen === false ? worst.within.get(row.key) : worst.at.get(row.key),
    isOverlaid: overlaid.has(row.key),
    isChanged: changed.has(row.kind === 'path' ? row.node.id : row.method.id),
  })
}
