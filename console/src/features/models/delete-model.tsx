import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, ifMatch } from '../../api/client.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { ModelUses, type Uses } from './model-uses.tsx'
import { contentOf, type ModelContent, modelQuery } from './queries.ts'
import { useT } from './texts.ts'

interface DeleteModelProps {
  readonly service: string
  readonly name: string
  readonly usedBy: Uses
}

/** Deletes a model, and puts it back if one likes. While something refers to it, it cannot be deleted: then that is named. */
export function DeleteModel({ service, name, usedBy }: DeleteModelProps) {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const remove = useRemove(service, name)
  const others = usedBy.filter(({ by }) => by !== `model ${name}`)
  const tellUses = () =>
    confirm({
      title: t('model.inUse', { name }),
      children: (
        <Stack>
          <Text size="sm">{t('model.inUseHint')}</Text>
          <ModelUses uses={others} />
        </Stack>
      ),
    })
  return (
    <Button
      variant="subtle"
      color="red"
      loading={remove.isPending}
      onClick={() => (others.length === 0 ? remove.mutate() : tellUses())}
    >
      {common('action.delete')}
    </Button>
  )
}

function useRemove(serviceId: string, name: string) {
  const t = useT()
  const notifyUndo = useNotifyUndo()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const read = () => queries.invalidateQueries({ queryKey: ['services', serviceId] })
  const putBack = useMutation({
    mutationFn: (content: ModelContent) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/models', {
          params: { path: { serviceId } },
          body: { name, ...content },
        }),
      ),
    onSuccess: () => notifyDone(t('model.back', { name })),
    onError: notifyFailed,
    onSettled: read,
  })
  return useMutation({
    async mutationFn() {
      // What is put back is what was deleted, whatever is shown: the ETag holds the two together.
      const { value, etag } = await queries.fetchQuery({ ...modelQuery(serviceId, name), staleTime: 0 })
      await answer(
        api.DELETE('/api/v1/services/{serviceId}/models/{modelName}', {
          params: { path: { serviceId, modelName: name } },
          ...ifMatch(etag),
        }),
      )
      return contentOf(value)
    },
    async onSuccess(content) {
      notifyUndo(t('model.deleted', { name }), () => putBack.mutate(content))
      await navigate({ to: '/services/$service/models', params: { service: serviceId } })
      await read()
    },
    onError: notifyFailed,
  })
}
