import { Button, Divider, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useConfirm } from '../../components/confirm.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'
import { stageQuery, stagesQuery } from './queries.ts'
import { useStageT } from './texts.ts'
import { deleteStage } from './use-stage-form.ts'

/** The end of a stage: with its history, and of what is live. What is in the way is said. */
export function DeleteStage({ service, stage }: { readonly service: string; readonly stage: string }) {
  const t = useStageT()
  const common = useT()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { data: seen } = useSuspenseQuery(stageQuery(service, stage))
  const remove = useMutation({
    mutationFn: () => deleteStage(service, stage, seen.etag),
    async onSuccess() {
      await navigate({ to: `/services/${service}/stages` })
      queries.removeQueries({ queryKey: stageQuery(service, stage).queryKey })
      await queries.invalidateQueries({ queryKey: stagesQuery(service).queryKey })
    },
  })
  const ask = () =>
    confirm({
      title: common('confirm.delete', { name: `${service}/${stage}` }),
      children: <Text size="sm">{t('delete.what')}</Text>,
      action: common('action.delete'),
      onConfirm: () => remove.mutate(),
    })
  return (
    <Stack gap="sm" component="section" maw={760}>
      <Divider />
      <Title order={2} size="h4">
        {t('delete.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('delete.what')}
      </Text>
      <ProblemAlert error={remove.error} title={t('delete.failed')} />
      <Group>
        <Button color="red" variant="outline" loading={remove.isPending} onClick={ask}>
          {t('delete.title')}
        </Button>
      </Group>
    </Stack>
  )
}
