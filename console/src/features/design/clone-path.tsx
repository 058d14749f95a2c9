import { Button, Group, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { clonePath, useDesignChange } from './change-design.ts'
import { useDesign } from './design-context.tsx'
import { PathField } from './path-field.tsx'
import { useT } from './texts.ts'
import { sizeOf, type TreeNode } from './tree-model.ts'
import { useTrial } from './use-trial.ts'

/** Copies a path, with its methods, its plugins and all below it, to another path. */
export function ClonePath({ node, onClose }: { readonly node: TreeNode; readonly onClose: () => void }) {
  const t = useT()
  const { service, goTo } = useDesign()
  const [path, setPath] = useState(`${node.path === '/' ? '' : node.path}-copy`)
  const problem = useTrial(['services', service, 'clones', node.id], path, path !== '', (text) =>
    clonePath(service, node.id, text, true),
  )
  const clone = useDesignChange(
    service,
    () => clonePath(service, node.id, path, false),
    () => {
      onClose()
      notifyDone(t('design.added', { name: path }))
      goTo(path)
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    clone.mutate(undefined)
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{t('design.cloneHint', { path: node.path, ...sizeOf(node) })}</Text>
        <PathField label={t('design.cloneTo')} value={path} onChange={setPath} problem={problem} />
        <ProblemAlert error={clone.error} />
        <Group justify="end">
          <Button type="submit" loading={clone.isPending} disabled={typeof problem === 'string'}>
            {t('design.clone')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
