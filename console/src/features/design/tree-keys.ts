import { lastSegment, type Row } from './tree-model.ts'

/** What a key does in the tree, as the ARIA practices have it for trees. */

export type TreeCommand =
  | { readonly do: 'go'; readonly to: number }
  | { readonly do: 'open' | 'close' | 'select' | 'menu' | 'delete' }

/** What may be done to the row at `at` by this key; null for a key that means nothing here. */
export function commandOf(
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  rows: readonly Row[],
  at: number,
): TreeCommand | null {
  const row = rows[at]
  if (row === undefined) return rows.length > 0 ? go(0) : null
  if (key === 'ArrowDown') return go(Math.min(at + 1, rows.length - 1))
  if (key === 'ArrowUp') return go(Math.max(at - 1, 0))
  if (key === 'Home') return go(0)
  if (key === 'End') return go(rows.length - 1)
  if (key === 'ArrowRight') return right(row, at)
  if (key === 'ArrowLeft') return left(row, rows, at)
  if (key === 'Enter' || key === ' ') return { do: 'select' }
  if (key === 'F2' || key === 'ContextMenu' || (key === 'F10' && shiftKey)) return { do: 'menu' }
  return key === 'Delete' ? { do: 'delete' } : null
}

const go = (to: number): TreeCommand => ({ do: 'go', to })

function right(row: Row, at: number): TreeCommand | null {
  if (row.kind === 'method' || row.isOpen === null) return null
  return row.isOpen ? go(at + 1) : { do: 'open' }
}

function left(row: Row, rows: readonly Row[], at: number): TreeCommand | null {
  if (row.kind === 'path' && row.isOpen === true && row.level > 1) return { do: 'close' }
  const above = rows.slice(0, at).findLastIndex(({ level }) => level < row.level)
  return above === -1 ? null : go(above)
}

/** The next row whose name begins with what was typed: from the one after `at` on, or with `at` itself while one goes on typing. */
export function typedTo(rows: readonly Row[], at: number, typed: string): number | null {
  const start = typed.length === 1 ? at + 1 : at
  const text = typed.toLowerCase()
  for (let i = 0; i < rows.length; i++) {
    const index = (start + i) % rows.length
    const row = rows[index]
    if (row !== undefined && nameOf(row).startsWith(text)) return index
  }
  return null
}

/** What a row is called by those who type: without the slash and the braces in front. */
function nameOf(row: Row): string {
  const name = row.kind === 'path' ? lastSegment(row.node.path).replace(/^\/\{?/, '') : row.method.verb
  return name.toLowerCase()
}
