import { List, Text } from '@mantine/core'

/** What refers to a model, and where in it. */
export type Uses = readonly { readonly by: string; readonly pointer: string }[]

/** Everything that refers to a model. */
export function ModelUses({ uses }: { readonly uses: Uses }) {
  return (
    <List size="sm">
      {uses.map(({ by, pointer }) => (
        <List.Item key={`${by} ${pointer}`}>
          <b>{by}</b>{' '}
          <Text span c="dimmed" size="xs">
            {pointer}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}
