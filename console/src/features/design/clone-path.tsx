import { Text } from '@mantine/core'
import { useState } from 'react'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
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
  return (
    <DialogForm
      typed={path}
      action={t('design.clone')}
      change={clone}
      onSubmit={() => clone.mutate(undefined)}
      isReady={typeof problem !== 'string'}
    >
      <Text size="sm">{t('design.cloneHint', { path: node.path, ...sizeOf(node) })}</Text>
      <PathField label={t('design.cloneTo')} value={path} onChange={setPath} problem={problem} />
    </DialogForm>
  )
}
