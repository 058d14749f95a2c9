import { Button, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, ifMatch } from '../../api/client.ts'
import type { Policy } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { useUndoable } from '../../components/use-undoable.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { PolicyUses } from './policy-uses.tsx'
import { policyQuery, settingsOf } from './queries.ts'
import { useT } from './texts.ts'

interface DeletePolicyProps {
  readonly service: string
  readonly policy: Policy
  readonly usedBy: readonly string[]
}

/** Deletes a policy, and puts it back with all of its values if one likes. While it is attached, it is said to what. */
export function DeletePolicy({ service, policy, usedBy }: DeletePolicyProps) {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const remove = useRemove(service, policy.name)
  const tellUses = () =>
    confirm({
      title: t('policy.inUse', { name: policy.name }),
      children: (
        <Stack>
          <Text size="sm">{t('policy.inUseHint')}</Text>
          <PolicyUses uses={usedBy} />
        </Stack>
      ),
    })
  return (
    <Button
      variant="subtle"
      color="red"
      loading={remove.isPending}
      onClick={() => (usedBy.length === 0 ? remove.mutate() : tellUses())}
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
      const { value, etag } = await queries.fetchQuery({ ...policyQuery(serviceId, name), staleTime: 0 })
      await answer(
        api.DELETE('/api/v1/services/{serviceId}/policies/{policyName}', {
          params: { path: { serviceId, policyName: name } },
          ...ifMatch(etag),
        }),
      )
      return value
    },
    putBack: (policy) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/policies', {
          params: { path: { serviceId } },
          body: { name, ...settingsOf(policy), values: policy.values },
        }),
      ),
    said: { taken: t('policy.deleted', { name }), back: t('policy.back', { name }) },
    read: () => queries.invalidateQueries({ queryKey: ['services', serviceId] }),
    leave: () => navigate({ to: '/services/$service/policies', params: { service: serviceId }, ignoreBlocker: true }),
  })
}
