import { Dialog } from '../../components/dialog.tsx'
import { AddMethod } from './add-method.tsx'
import { AddPath } from './add-path.tsx'
import { ClearOverrides } from './clear-overrides.tsx'
import { ClonePath } from './clone-path.tsx'
import { DeleteMethod, DeletePath } from './delete-node.tsx'
import type { Task } from './design-context.tsx'
import { MoveMethods } from './move-methods.tsx'
import { useT } from './texts.ts'

const titles = {
  'add-path': 'design.addPath',
  'add-method': 'design.addMethod',
  clone: 'design.clone',
  move: 'design.moveMethods',
  'clear-overrides': 'design.clearOverrides',
  'delete-path': 'design.deletePath',
  'delete-method': 'design.deleteMethod',
} as const

/** Asks for what a task needs, and does it. */
export function TaskDialog({ task, onClose }: { readonly task: Task | null; readonly onClose: () => void }) {
  const t = useT()
  return (
    <Dialog isOpen={task !== null} onClose={onClose} title={task === null ? '' : t(titles[task.kind])}>
      {task !== null && <TaskForm task={task} onClose={onClose} />}
    </Dialog>
  )
}

function TaskForm({ task, onClose }: { readonly task: Task; readonly onClose: () => void }) {
  if (task.kind === 'add-path') return <AddPath node={task.node} onClose={onClose} />
  if (task.kind === 'add-method') return <AddMethod node={task.node} onClose={onClose} />
  if (task.kind === 'clone') return <ClonePath node={task.node} onClose={onClose} />
  if (task.kind === 'move') return <MoveMethods node={task.node} methods={task.methods} onClose={onClose} />
  if (task.kind === 'clear-overrides') return <ClearOverrides node={task.node} onClose={onClose} />
  if (task.kind === 'delete-path') return <DeletePath node={task.node} onClose={onClose} />
  return <DeleteMethod node={task.node} method={task.method} onClose={onClose} />
}
