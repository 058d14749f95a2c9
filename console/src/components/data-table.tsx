import { Button, Table, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useT } from '../i18n/index.tsx'
import { Failed, Loading } from './faces.tsx'

const SEARCH_DELAY_MS = 200

/** What a table shows of each thing. */
export interface Column<Item> {
  readonly label: string
  readonly cell: (item: Item) => ReactNode
  /** The column has no heading to see: buttons that say themselves what they do. They stand at the end. */
  readonly isBare?: boolean
  /** Numbers stand at the end, digit below digit. */
  readonly isNumber?: boolean
}

interface DataTableProps<Item> {
  /** What the rows are, for those who hear it. */
  readonly label: string
  readonly columns: readonly Column<Item>[]
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  /** Narrower than that it is scrolled sideways, and not the page. */
  readonly minWidth?: number
}

/** Things in rows. */
export function DataTable<Item>({ label, columns, items, keyOf, minWidth = 560 }: DataTableProps<Item>) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': label } }}
    >
      <Table verticalSpacing="xs" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ label, isBare = false, isNumber = false }) =>
              isBare ? (
                <Table.Td key={label} />
              ) : (
                <Table.Th key={label} scope="col" ta={isNumber ? 'end' : undefined} style={{ whiteSpace: 'nowrap' }}>
                  {label}
                </Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={keyOf(item)}>
              {columns.map(({ label, isBare = false, isNumber = false, cell }) => (
                <Table.Td
                  key={label}
                  ta={isBare || isNumber ? 'end' : undefined}
                  style={isNumber ? { fontVariantNumeric: 'tabular-nums' } : undefined}
                >
                  {cell(item)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

interface PagedTableProps<Item> extends Omit<DataTableProps<Item>, 'items'> {
  readonly query: UseInfiniteQueryResult<InfiniteData<{ readonly items: readonly Item[] }>>
  readonly empty: ReactNode
}

/** Things in rows that the server gives a page at a time, with the faces of what is being read. */
export function PagedTable<Item>({ query, empty, ...table }: PagedTableProps<Item>) {
  const t = useT()
  if (query.data === undefined)
    return query.error === null ? <Loading /> : <Failed error={query.error} onRetry={() => void query.refetch()} />
  const items = query.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return empty
  return (
    <>
      <DataTable {...table} items={items} />
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('action.more')}
        </Button>
      )}
    </>
  )
}

/** Asks for a text to search for, and gives it when the typing pauses. */
export function SearchField({
  value,
  onSearch,
}: {
  readonly value: string
  readonly onSearch: (text: string) => void
}) {
  const t = useT()
  const search = useDebouncedCallback(onSearch, SEARCH_DELAY_MS)
  return (
    <TextInput
      type="search"
      aria-label={t('action.search')}
      placeholder={t('action.search')}
      leftSection={<IconSearch size={16} aria-hidden />}
      defaultValue={value}
      w={{ base: '100%', xs: 320 }}
      onChange={(event) => search(event.currentTarget.value)}
    />
  )
}
