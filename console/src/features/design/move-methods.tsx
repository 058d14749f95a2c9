import { Group, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { moveMethods, useDesignChange } from './change-design.ts'
import { useDesign } from './design-context.tsx'
import { PathField } from './path-field.tsx'
import { useT } from './texts.ts'
import { methodKey, type TreeMethod, type TreeNode } from './tree-model.ts'
import { useTrial } from './use-trial.ts'
import { Verb } from './verb.tsx'

interface Move {
  readonly from: TreeNode
  readonly methods: readonly TreeMethod[]
  readonly to: string
}

/** Moves methods, and says so with a button that moves them back. */
export function useMoveMethods(onMoved: (move: Move) => void) {
  const t = useT()
  const { service } = useDesign()
  const notifyUndo = useNotifyUndo()
  const idsOf = ({ methods }: Move) => methods.map(({ id }) => id)
  const back = useDesignChange(
    service,
    async (move: Move) => {
      await moveMethods(service, idsOf(move), move.from.path, false)
      return { ...move, to: move.from.path }
    },
    onMoved,
    notifyFailed,
  )
  return useDesignChange(
    service,
    async (move: Move) => {
      await moveMethods(service, idsOf(move), move.to, false)
      return move
    },
    (move) => {
      onMoved(move)
      const name = move.methods.map(({ verb }) => verb).join(', ')
      notifyUndo(t('design.moved', { name, path: move.to }), () => back.mutate(move))
    },
  )
}

interface MoveMethodsProps {
  readonly node: TreeNode
  readonly methods: readonly TreeMethod[]
  readonly onClose: () => void
}

/** Asks where methods are to go: to a path that is there, or is made. */
export function MoveMethods({ node, methods, onClose }: MoveMethodsProps) {
  const t = useT()
  const { service, tree, goTo } = useDesign()
  const [path, setPath] = useState('')
  const paths = useMemo(() => [...tree.byPath.keys()].filter((one) => one !== node.path), [tree, node])
  const ids = methods.map(({ id }) => id)
  const problem = useTrial(['services', service, 'moves', ...ids], path, path !== '', (text) =>
    moveMethods(service, ids, text, true),
  )
  const move = useMoveMethods(({ to }) => {
    const [first] = methods
    onClose()
    goTo(first === undefined ? to : methodKey(first.verb, to))
  })
  return (
    <DialogForm
      typed={path}
      action={t('design.move')}
      change={move}
      onSubmit={() => move.mutate({ from: node, methods, to: path })}
      isReady={path !== '' && typeof problem !== 'string'}
    >
      <Text size="sm">{t('design.moveFrom', { path: node.path })}</Text>
      <Group gap="xs">
        {methods.map(({ id, verb }) => (
          <Verb key={id} verb={verb} />
        ))}
      </Group>
      <PathField
        label={t('design.moveTo')}
        description={t('design.moveHint')}
        value={path}
        onChange={setPath}
        problem={problem}
        paths={paths}
      />
    </DialogForm>
  )
}
