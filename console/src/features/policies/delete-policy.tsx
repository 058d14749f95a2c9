import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, ifMatch } from '../../api/client.ts'
import type { Policy } from '../../api/model.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
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
  const notifyUndo = useNotifyUndo()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const read = () => queries.invalidateQueries({ queryKey: ['services', serviceId] })
  const putBack = useMutation({
    mutationFn: (policy: Policy) =>
      answer(
        api.POST('/api/v1/services/{serviceId}/policies', {
          params: { path: { serviceId } },
          body: { name, ...settingsOf(policy), values: policy.values },
        }),
      ),
    onSuccess: () => notifyDone(t('policy.back', { name })),
    onError: notifyFailed,
    onSettled: read,
  })
  return useMutation({
    async mutationFn() {
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
    async onSuccess(policy) {
      notifyUndo(t('policy.deleted', { name }), () => putBack.mutate(policy))
      await navigate({ to: '/services/$service/policies', params: { service: serviceId } })
      await read()
    },
    onError: notifyFailed,
  })
}
