/** The little Markdown that documents of plugins are written in, as values: whoever shows them makes elements of them, and no HTML gets in. */

export type Block =
  | { readonly kind: 'paragraph'; readonly text: readonly Inline[] }
  | { readonly kind: 'heading'; readonly text: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'table'; readonly head: Row; readonly rows: readonly Row[] }

export type Row = readonly (readonly Inline[])[]

export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string }

const ITEM = /^\s*(?:[-*]|(\d+)\.)\s+/
const DELIMITER = /^\|(?:\s*:?-+:?\s*\|)+\s*$/

/** Cuts a text into its blocks. What is no Markdown that is known here stays text. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  let at = 0
  const takeWhile = (isPart: (line: string) => boolean) => {
    const from = at
    while (at < lines.length && isPart(lines[at] ?? '')) at++
    return lines.slice(from, at)
  }
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (line.trim() === '') at++
    else if (line.startsWith('```')) {
      at++
      blocks.push({ kind: 'code', text: takeWhile((one) => !one.startsWith('```')).join('\n') })
      at++
    } else if (line.startsWith('|')) blocks.push(tableOf(takeWhile((one) => one.startsWith('|'))))
    else if (ITEM.test(line)) blocks.push(listOf(takeWhile((one) => one.trim() !== '')))
    else if (/^#+ /.test(line)) {
      at++
      blocks.push({ kind: 'heading', text: parseInline(line.replace(/^#+ /, '')) })
    } else {
      const isPart = (one: string) => one.trim() !== '' && !one.startsWith('```') && !one.startsWith('|')
      blocks.push({ kind: 'paragraph', text: parseInline(takeWhile(isPart).join(' ')) })
    }
  }
  return blocks
}

function tableOf(lines: readonly string[]): Block {
  const [head = [], ...rows] = lines.filter((line) => !DELIMITER.test(line)).map(cellsOf)
  return { kind: 'table', head, rows }
}

const cellsOf = (line: string): Row =>
  line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split('|')
    .map((cell) => parseInline(cell.trim()))

function listOf(lines: readonly string[]): Block {
  const items: string[] = []
  for (const line of lines) {
    if (ITEM.test(line) || items.length === 0) items.push(line.replace(ITEM, ''))
    else items.push(`${items.pop() ?? ''} ${line.trim()}`)
  }
  return { kind: 'list', isOrdered: /^\s*\d/.test(lines[0] ?? ''), items: items.map(parseInline) }
}

const MARKS = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]+)\)/g

/** Cuts a line into text, `code`, **strong** and links. */
export function parseInline(text: string): Inline[] {
  const parts: Inline[] = []
  let end = 0
  for (const match of text.matchAll(MARKS)) {
    const [whole, code, strong, label, to] = match
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong })
    else if (label !== undefined && to !== undefined) parts.push({ kind: 'link', text: label, to })
    end = match.index + whole.length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}
