import { useMutation, useQueryClient } from '@tanstack/react-query'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import type { NodeRef, Said } from './node.ts'
import { saveSaid } from './queries.ts'
import { useT } from './texts.ts'

/** Takes plugins off a node, and switches inherited ones off and on again; all of it can be undone. */
export function useSay(node: NodeRef) {
  const t = useT()
  const notifyUndo = useNotifyUndo()
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: ({ plugin, before, said }: Change) => saveSaid(node, plugin, before, said),
    async onSuccess(_, { done, plugin, before, said, isBack = false }) {
      // Secrets are told sealed, and taken back as that.
      const back = {
        plugin,
        before: said ?? undefined,
        said: before ?? null,
        done: t('plugin.back', { name: plugin }),
        isBack: true,
      }
      if (isBack) notifyDone(done)
      else notifyUndo(done, () => change.mutate(back))
      await queries.invalidateQueries({ queryKey: ['services', node.service] })
    },
    onError: notifyFailed,
  })
  return {
    takeOff: (plugin: string, before: Said | undefined) =>
      change.mutate({ plugin, before, said: null, done: t('plugin.taken', { name: plugin }) }),
    switchOff: (plugin: string, before: Said | undefined) =>
      change.mutate({
        plugin,
        before,
        said: { plugin, off: true },
        done: t('plugin.switchedOff', { name: plugin }),
      }),
    switchOn: (plugin: string, before: Said) =>
      change.mutate({ plugin, before, said: null, done: t('plugin.switchedOn', { name: plugin }) }),
  }
}

interface Change {
  readonly plugin: string
  readonly before: Said | undefined
  readonly said: Said | null
  /** What is said when it is done. */
  readonly done: string
  /** Whether it takes another change back. */
  readonly isBack?: boolean
}
