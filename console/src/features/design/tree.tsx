import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import {
  type DragEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import classes from './tree.module.css'
import { commandOf, typedTo } from './tree-keys.ts'
import type { Row, TreeMethod, TreeNode } from './tree-model.ts'
import { TreeRow } from './tree-row.tsx'

const ROW_PX = 30
/** Rows that are there beyond what is seen. */
const OVERSCAN = 10
/** Letters that come faster than that are one name. */
const TYPING_MS = 700

/** What is said of a row beside its name. */
export interface RowMarks {
  readonly finding: 'error' | 'warning' | 'info' | undefined
  readonly isOverlaid: boolean
  readonly isChanged: boolean
}

/** A point of the page where a menu opens. */
export interface Point {
  readonly x: number
  readonly y: number
}

interface TreeProps {
  readonly label: string
  readonly rows: readonly Row[]
  readonly words: readonly string[]
  readonly selected: string | null
  readonly mayWrite: boolean
  readonly scrollRef: RefObject<HTMLDivElement | null>
  readonly marksOf: (row: Row) => RowMarks
  readonly onSelect: (row: Row) => void
  readonly onOpen: (row: Row, isOpen: boolean) => void
  readonly onMenu: (row: Row, at: Point) => void
  readonly onDelete: (row: Row) => void
  /** A method was dropped on a path. */
  readonly onMove: (from: TreeNode, method: TreeMethod, to: TreeNode) => void
}

/** The tree of a design. Only the rows that are seen are in the document, however many there are; the focus stays on the tree itself. */
export function ResourceTree(props: TreeProps) {
  const { label, rows, words, selected, mayWrite, scrollRef, marksOf, onOpen, onMenu, onDelete } = props
  const id = useId()
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const at = Math.max(indexOf(rows, activeKey) ?? indexOf(rows, selected) ?? 0, 0)
  const typing = useRef({ text: '', lastMs: 0 })
  const { actions, over } = useRowActions(props, setActiveKey)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => rows[index]?.key ?? index,
    // The row that the focus is on is always there: assistive technology is told of it by its id.
    rangeExtractor: (range: Range) => {
      const seen = defaultRangeExtractor(range)
      return seen.includes(at) || at >= rows.length ? seen : [...seen, at].sort((a, b) => a - b)
    },
  })

  const show = (index: number) => {
    const row = rows[index]
    if (row === undefined) return
    setActiveKey(row.key)
    virtual.scrollToIndex(index, { align: 'auto' })
  }

  // A node that was gone to from elsewhere (a link, a finding) is brought into sight.
  const selectedAt = indexOf(rows, selected)
  useEffect(() => {
    if (selectedAt !== null) virtual.scrollToIndex(selectedAt, { align: 'auto' })
  }, [selectedAt, virtual])

  // What is found is seen from its beginning, wherever one was before.
  useEffect(() => {
    if (words.length > 0) virtual.scrollToOffset(0)
  }, [words, virtual])

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[at]
    const command = commandOf(event, rows, at)
    if (command === null) return type(event)
    event.preventDefault()
    if (command.do === 'go') return show(command.to)
    if (row === undefined) return
    if (command.do === 'select') actions.select(row)
    if (command.do === 'open' || command.do === 'close') onOpen(row, command.do === 'open')
    if (command.do === 'delete' && mayWrite) onDelete(row)
    if (command.do === 'menu') onMenu(row, pointOf(document.getElementById(`${id}-${at}`)))
  }

  const type = (event: KeyboardEvent) => {
    if (event.key.length !== 1) return
    const isOn = event.timeStamp - typing.current.lastMs < TYPING_MS
    typing.current = { text: (isOn ? typing.current.text : '') + event.key, lastMs: event.timeStamp }
    const found = typedTo(rows, at, typing.current.text)
    if (found !== null) show(found)
  }

  return (
    <div
      ref={scrollRef}
      role="tree"
      aria-label={label}
      aria-activedescendant={rows.length > 0 ? `${id}-${at}` : undefined}
      tabIndex={0}
      className={classes.tree}
      onKeyDown={press}
      // Of the menu key, which has been heard already.
      onContextMenu={(event) => {
        if (mayWrite && event.target === event.currentTarget) event.preventDefault()
      }}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <TreeRow
              key={row.key}
              id={`${id}-${index}`}
              row={row}
              top={start}
              words={words}
              {...marksOf(row)}
              isActive={index === at}
              isSelected={row.key === selected}
              isDrop={over === row.key}
              mayWrite={mayWrite}
              actions={actions}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Where a menu of an element opens that was asked for by a key. */
export function pointOf(element: Element | null): Point {
  const { left, bottom } = element?.getBoundingClientRect() ?? { left: 0, bottom: 0 }
  return { x: left + 24, y: bottom }
}

function indexOf(rows: readonly Row[], key: string | null): number | null {
  if (key === null) return null
  const index = rows.findIndex((row) => row.key === key)
  return index === -1 ? null : index
}

/** What rows tell of. */
export interface RowActions {
  select(row: Row): void
  open(row: Row, isOpen: boolean): void
  menu(row: Row, at: Point): void
  dragStart(row: Row, event: DragEvent): void
  dragOver(row: Row, event: DragEvent): void
  dragLeave(): void
  drop(row: Row, event: DragEvent): void
  dragEnd(): void
}

/** What rows tell of, always as it is now, in an object that stays the same; and the row that something is dragged over. */
function useRowActions(props: TreeProps, setActiveKey: (key: string) => void) {
  const latest = useRef(props)
  useLayoutEffect(() => {
    latest.current = props
  })
  const dragged = useRef<Extract<Row, { kind: 'method' }> | null>(null)
  const [over, setOver] = useState<string | null>(null)
  const [actions] = useState((): RowActions => {
    const end = () => {
      dragged.current = null
      setOver(null)
    }
    return {
      select(row) {
        setActiveKey(row.key)
        latest.current.onSelect(row)
      },
      open: (row, isOpen) => latest.current.onOpen(row, isOpen),
      menu(row, at) {
        setActiveKey(row.key)
        latest.current.onMenu(row, at)
      },
      dragStart(row, event) {
        if (row.kind !== 'method') return
        dragged.current = row
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', row.key)
      },
      dragOver(row, event) {
        if (dragged.current === null || dragged.current.node === row.node) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'move'
        setOver(row.node.path)
      },
      dragLeave: () => setOver(null),
      drop(row, event) {
        event.preventDefault()
        const from = dragged.current
        end()
        if (from !== null && from.node !== row.node) latest.current.onMove(from.node, from.method, row.node)
      },
      dragEnd: end,
    }
  })
  return { actions, over }
}
