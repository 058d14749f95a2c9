import { Anchor, Code, List, Stack, Table, Text } from '@mantine/core'
import { Fragment } from 'react'
import { type Block, type Inline, parseMarkdown } from './markdown.ts'

/** Shows Markdown. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <Stack gap="sm">
      {keyed(parseMarkdown(text)).map(([key, block]) => (
        <ShownBlock key={key} block={block} />
      ))}
    </Stack>
  )
}

function ShownBlock({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'code':
      return <Code block>{block.text}</Code>
    case 'heading':
      return (
        <Text size="sm" fw={700}>
          <Line parts={block.text} />
        </Text>
      )
    case 'paragraph':
      return (
        <Text size="sm">
          <Line parts={block.text} />
        </Text>
      )
    case 'list':
      return (
        <List size="sm" type={block.isOrdered ? 'ordered' : 'unordered'}>
          {keyed(block.items).map(([key, item]) => (
            <List.Item key={key}>
              <Line parts={item} />
            </List.Item>
          ))}
        </List>
      )
    case 'table':
      return (
        <Table.ScrollContainer minWidth={320} type="native">
          <Table fz="sm">
            <Table.Thead>
              <Table.Tr>
                {keyed(block.head).map(([key, cell]) =>
                  // An empty head says nothing of its column.
                  cell.length === 0 ? (
                    <Table.Td key={key} />
                  ) : (
                    <Table.Th key={key}>
                      <Line parts={cell} />
                    </Table.Th>
                  ),
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {keyed(block.rows).map(([key, row]) => (
                <Table.Tr key={key}>
                  {keyed(row).map(([key, cell]) => (
                    <Table.Td key={key}>
                      <Line parts={cell} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )
  }
}

function Line({ parts }: { readonly parts: readonly Inline[] }) {
  return keyed(parts).map(([key, part]) => <ShownInline key={key} part={part} />)
}

function ShownInline({ part }: { readonly part: Inline }) {
  switch (part.kind) {
    case 'code':
      return <Code>{part.text}</Code>
    case 'strong':
      return <b>{part.text}</b>
    case 'link':
      // Links of the documentation lead to files beside it, which are not here.
      return /^https?:\/\//.test(part.to) ? (
        <Anchor href={part.to} target="_blank" rel="noreferrer" underline="always" inherit>
          {part.text}
        </Anchor>
      ) : (
        <i>{part.text}</i>
      )
    case 'text':
      return <Fragment>{part.text}</Fragment>
  }
}

/** What is shown never moves: its place is its key. */
const keyed = <T,>(list: readonly T[]) => list.map((item, place) => [String(place), item] as const)
