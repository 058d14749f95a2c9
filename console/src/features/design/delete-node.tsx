import { Button, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT as useCommon } from '../../i18n/index.tsx'
import { createMethod, deleteMethod, deletePath, useDesignChange } from './change-design.ts'
import { useDesign } from './design-context.tsx'
import { useT } from './texts.ts'
import { methodKey, sizeOf, type TreeMethod, type TreeNode } from './tree-model.ts'

/** Deletes a path with all below it, once one has read how much that is. */
export function DeletePath({ node, onClose }: { readonly node: TreeNode; readonly onClose: () => void }) {
  const t = useT()
  const { service, tree, etag, goTo } = useDesign()
  // As it is now: somebody else may have added to it while this is asked.
  const { paths, methods } = sizeOf(tree.byPath.get(node.path) ?? node)
  const remove = useDesignChange(
    service,
    () => deletePath(service, node.id, etag),
    () => {
      onClose()
      notifyDone(t('design.deleted', { name: node.path }))
      goTo(node.parent?.path ?? '/')
    },
  )
  return (
    <Question
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
      {...{ onClose }}
    >
      <Text size="sm">{t('design.deletePathHint', { path: node.path, below: paths - 1, methods })}</Text>
      <Text size="sm">{t('design.deleteLives')}</Text>
    </Question>
  )
}

interface DeleteMethodProps {
  readonly node: TreeNode
  readonly method: TreeMethod
  readonly onClose: () => void
}

/** Deletes a method. It can be made again as it was: the secrets of its plugins are told sealed, and taken back as that. */
export function DeleteMethod({ node, method, onClose }: DeleteMethodProps) {
  const t = useT()
  const { service, etag, goTo } = useDesign()
  const key = methodKey(method.verb, node.path)
  const notifyUndo = useNotifyUndo()
  const restore = useDesignChange(service, createMethodAgain(service, node.id), () => goTo(key), notifyFailed)
  const remove = useDesignChange(
    service,
    () => deleteMethod(service, method.id, etag),
    (before) => {
      onClose()
      goTo(node.path)
      notifyUndo(t('design.deleted', { name: key }), () => restore.mutate(before))
    },
  )
  return (
    <Question
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
      {...{ onClose }}
    >
      <Text size="sm">{t(method.plugins > 0 ? 'design.deleteMethodPlugins' : 'design.deleteMethodHint', { key })}</Text>
      <Text size="sm">{t('design.deleteLives')}</Text>
    </Question>
  )
}

const createMethodAgain =
  (service: string, resourceId: string) =>
  ({ id: _id, resourceId: _resourceId, ...method }: Awaited<ReturnType<typeof deleteMethod>>) =>
    createMethod(service, resourceId, method)

interface QuestionProps {
  readonly children: ReactNode
  readonly error: Error | null
  readonly isPending: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

function Question({ children, error, isPending, onConfirm, onClose }: QuestionProps) {
  const common = useCommon()
  return (
    <Stack>
      {children}
      <ProblemAlert error={error} />
      <Group justify="end">
        <Button variant="default" data-autofocus onClick={onClose}>
          {common('action.cancel')}
        </Button>
        <Button color="red" loading={isPending} onClick={onConfirm}>
          {common('action.delete')}
        </Button>
      </Group>
    </Stack>
  )
}
