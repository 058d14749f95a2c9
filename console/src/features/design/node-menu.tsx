import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArrowMoveRight,
  IconCirclePlus,
  IconCopy,
  IconDots,
  IconEraser,
  IconFolderPlus,
  IconTrash,
} from '@tabler/icons-react'
import { useDesign } from './design-context.tsx'
import { useT } from './texts.ts'
import type { Point } from './tree.tsx'
import { methodKey, type TreeMethod, type TreeNode } from './tree-model.ts'

/** What can be done to a node, in the menu of its row and on its page. */

interface NodeMenuProps {
  readonly node: TreeNode
  readonly method: TreeMethod | null
}

/** No key: the one that opens it would close it at once. */
const OUTSIDE = ['mousedown', 'touchstart']

/** The menu of a row, at a point. */
export function RowMenu({
  node,
  method,
  at,
  onClose,
}: NodeMenuProps & { readonly at: Point; readonly onClose: () => void }) {
  return (
    <Menu opened onClose={onClose} position="bottom-start" returnFocus={false} clickOutsideEvents={OUTSIDE}>
      <Menu.Target>
        <div style={{ position: 'fixed', left: at.x, top: at.y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Items node={node} method={method} />
      </Menu.Dropdown>
    </Menu>
  )
}

/** The same behind a button. */
export function NodeMenu({ node, method }: NodeMenuProps) {
  const t = useT()
  const name = method === null ? node.path : methodKey(method.verb, node.path)
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={t('design.actionsOf', { name })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Items node={node} method={method} />
      </Menu.Dropdown>
    </Menu>
  )
}

function Items({ node, method }: NodeMenuProps) {
  return method === null ? <PathItems node={node} /> : <MethodItems node={node} method={method} />
}

function PathItems({ node }: { readonly node: TreeNode }) {
  const t = useT()
  const { start } = useDesign()
  const { methods } = node
  return (
    <>
      <Menu.Item leftSection={<IconFolderPlus size={16} />} onClick={() => start({ kind: 'add-path', node })}>
        {t('design.addPath')}
      </Menu.Item>
      <Menu.Item leftSection={<IconCirclePlus size={16} />} onClick={() => start({ kind: 'add-method', node })}>
        {t('design.addMethod')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => start({ kind: 'clone', node })}>
        {t('design.clone')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowMoveRight size={16} />}
        disabled={methods.length === 0}
        onClick={() => start({ kind: 'move', node, methods })}
      >
        {t('design.moveMethods')}
      </Menu.Item>
      <Menu.Item leftSection={<IconEraser size={16} />} onClick={() => start({ kind: 'clear-overrides', node })}>
        {t('design.clearOverrides')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={16} />}
        // The root stays.
        disabled={node.parent === null}
        onClick={() => start({ kind: 'delete-path', node })}
      >
        {t('design.deletePath')}
      </Menu.Item>
    </>
  )
}

function MethodItems({ node, method }: { readonly node: TreeNode; readonly method: TreeMethod }) {
  const t = useT()
  const { start } = useDesign()
  return (
    <>
      <Menu.Item
        leftSection={<IconArrowMoveRight size={16} />}
        onClick={() => start({ kind: 'move', node, methods: [method] })}
      >
        {t('design.moveMethod')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={16} />}
        onClick={() => start({ kind: 'delete-method', node, method })}
      >
        {t('design.deleteMethod')}
      </Menu.Item>
    </>
  )
}
