import { Button, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, ifMatch } from '../../api/client.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { useUndoable } from '../../components/use-undoable.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { ModelUses, type Uses } from './model-uses.tsx'
import { contentOf, modelQuery } from './queries.ts'
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
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useUndoable({
    async take() {
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
    putBack: (content) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/models', {
          params: { path: { serviceId } },
          body: { name, ...content },
        }),
      ),
    said: { taken: t('model.deleted', { name }), back: t('model.back', { name }) },
    read: () => queries.invalidateQueries({ queryKey: ['services', serviceId] }),
    leave: () => navigate({ to: '/services/$service/models', params: { service: serviceId }, ignoreBlocker: true }),
  })
}
