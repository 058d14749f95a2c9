import { Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useConfirm } from '../../components/confirm.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import type { NodeRef, Said } from './node.ts'
import { saveSaid } from './queries.ts'
import { useT } from './texts.ts'

/** Takes plugins off a node, and switches inherited ones off and on again. */
export function useSay(node: NodeRef) {
  const t = useT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: ({ plugin, before, said }: Change) => saveSaid(node, plugin, before, said),
    async onSuccess(_, { done }) {
      notifyDone(done)
      await queries.invalidateQueries({ queryKey: ['services', node.service] })
    },
    onError: notifyFailed,
  })
  return {
    takeOff(plugin: string, before: Said | undefined) {
      confirm({
        title: t('plugin.takeOffQuestion', { name: plugin }),
        children: <Text size="sm">{t('plugin.takeOffHint')}</Text>,
        action: t('plugin.takeOff'),
        onConfirm: () => change.mutate({ plugin, before, said: null, done: t('plugin.taken', { name: plugin }) }),
      })
    },
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
}
