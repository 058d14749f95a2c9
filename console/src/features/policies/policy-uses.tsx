import { List } from '@mantine/core'

/** Everything that a policy is attached to. */
export function PolicyUses({ uses }: { readonly uses: readonly string[] }) {
  return (
    <List size="sm">
      {uses.map((use) => (
        <List.Item key={use}>{use}</List.Item>
      ))}
    </List>
  )
}
