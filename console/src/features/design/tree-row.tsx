import { Highlight } from '@mantine/core'
import {
  IconAlertCircleFilled,
  IconAlertTriangleFilled,
  IconChevronRight,
  IconDots,
  IconInfoCircleFilled,
  IconPencil,
  IconStack2,
} from '@tabler/icons-react'
import { type MouseEvent, memo } from 'react'
import { useT } from './texts.ts'
import classes from './tree.module.css'
import type { Point, RowActions, RowMarks } from './tree.tsx'
import { lastSegment, type Row } from './tree-model.ts'
import { Verb } from './verb.tsx'

const INDENT_PX = 16

interface TreeRowProps extends RowMarks {
  readonly id: string
  readonly row: Row
  readonly top: number
  readonly words: readonly string[]
  readonly isActive: boolean
  readonly isSelected: boolean
  /** Whether what is dragged would fall here. */
  readonly isDrop: boolean
  readonly mayWrite: boolean
  /** The same object for all rows and at all times: a row that stays where it is is not made anew while one scrolls. */
  readonly actions: RowActions
}

/** A path or a method in the tree. */
export const TreeRow = memo(function TreeRow({ id, row, top, words, actions, mayWrite, ...props }: TreeRowProps) {
  const { isActive, isSelected, isDrop, finding, isOverlaid, isChanged } = props
  const isOpen = row.kind === 'path' ? row.isOpen : null
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and tells of its rows
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
    <div
      id={id}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={row.siblings}
      aria-posinset={row.position}
      aria-selected={isSelected}
      aria-expanded={isOpen ?? undefined}
      data-active={isActive || undefined}
      data-drop={isDrop || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, paddingLeft: (row.level - 1) * INDENT_PX + 4 }}
      draggable={mayWrite && row.kind === 'method'}
      onClick={() => actions.select(row)}
      onContextMenu={(event) => {
        if (!mayWrite) return
        event.preventDefault()
        actions.menu(row, { x: event.clientX, y: event.clientY })
      }}
      onDragStart={(event) => actions.dragStart(row, event)}
      onDragOver={(event) => actions.dragOver(row, event)}
      onDragLeave={actions.dragLeave}
      onDrop={(event) => actions.drop(row, event)}
      onDragEnd={actions.dragEnd}
    >
      <Twist isOpen={isOpen} onOpen={(isOpen) => actions.open(row, isOpen)} />
      {row.kind === 'path' ? <PathLabel row={row} words={words} /> : <MethodLabel row={row} words={words} />}
      <Marks finding={finding} isOverlaid={isOverlaid} isChanged={isChanged} />
      {mayWrite && <More name={row.key} onMenu={(at) => actions.menu(row, at)} />}
    </div>
  )
})

function Twist({ isOpen, onOpen }: { readonly isOpen: boolean | null; readonly onOpen: (isOpen: boolean) => void }) {
  if (isOpen === null) return <span className={classes.twist} />
  const turn = (event: MouseEvent) => {
    event.stopPropagation()
    onOpen(!isOpen)
  }
  return (
    <IconChevronRight
      size={16}
      aria-hidden
      className={classes.twist}
      data-open={isOpen || undefined}
      data-testid="twist"
      onClick={turn}
    />
  )
}

interface LabelProps<T extends Row> {
  readonly row: T
  readonly words: readonly string[]
}

function PathLabel({ row, words }: LabelProps<Extract<Row, { kind: 'path' }>>) {
  return (
    <Found
      className={`${classes.label} ${classes.path}`}
      text={lastSegment(row.node.path)}
      words={words.flatMap((word) => word.split('/').filter(Boolean))}
      title={row.node.path}
    />
  )
}

function MethodLabel({ row: { method }, words }: LabelProps<Extract<Row, { kind: 'method' }>>) {
  const label = method.name || method.operationId
  return (
    <>
      <Verb verb={method.verb} />
      <span className={classes.label} data-deprecated={method.isDeprecated || undefined}>
        <Found text={label} words={words} title={label} />
      </span>
    </>
  )
}

/** A text with what was looked for made visible. */
function Found({
  text,
  words,
  title,
  className,
}: {
  readonly text: string
  readonly words: readonly string[]
  readonly title: string
  readonly className?: string
}) {
  if (words.length === 0)
    return (
      <span className={className} title={title}>
        {text}
      </span>
    )
  return (
    <Highlight component="span" inherit highlight={[...words]} className={className ?? ''} title={title}>
      {text}
    </Highlight>
  )
}

const findings = {
  error: { icon: IconAlertCircleFilled, color: 'var(--mantine-color-error)', label: 'design.hasErrors' },
  warning: { icon: IconAlertTriangleFilled, color: 'var(--mantine-color-orange-filled)', label: 'design.hasWarnings' },
  info: { icon: IconInfoCircleFilled, color: 'var(--mantine-color-dimmed)', label: 'design.hasInfos' },
} as const

function Marks({ finding, isOverlaid, isChanged }: RowMarks) {
  const t = useT()
  const kind = finding === undefined ? null : findings[finding]
  return (
    <>
      {isChanged && <IconPencil size={14} className={classes.mark} role="img" aria-label={t('design.isChanged')} />}
      {isOverlaid && (
        <IconStack2
          size={14}
          className={classes.mark}
          color="var(--mantine-primary-color-filled)"
          role="img"
          aria-label={t('design.isOverlaid')}
        />
      )}
      {kind !== null && (
        <kind.icon size={14} className={classes.mark} color={kind.color} role="img" aria-label={t(kind.label)} />
      )}
    </>
  )
}

function More({ name, onMenu }: { readonly name: string; readonly onMenu: (at: Point) => void }) {
  const t = useT()
  return (
    <button
      type="button"
      className={classes.more}
      tabIndex={-1}
      aria-label={t('design.actionsOf', { name })}
      onClick={(event) => {
        event.stopPropagation()
        const { left, bottom } = event.currentTarget.getBoundingClientRect()
        onMenu({ x: left, y: bottom })
      }}
    >
      <IconDots size={16} aria-hidden />
    </button>
  )
}
