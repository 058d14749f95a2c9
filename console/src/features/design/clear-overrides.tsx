import { Button, Code, Group, List, ScrollArea, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Faces } from '../../components/faces.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT as useCommon } from '../../i18n/index.tsx'
import { clearOverrides, useDesignChange } from './change-design.ts'
import { useDesign } from './design-context.tsx'
import { useT } from './texts.ts'
import { methodKey, type TreeNode } from './tree-model.ts'

/** Takes away what is said of plugins below a path, once one has seen what that is. */
export function ClearOverrides({ node, onClose }: { readonly node: TreeNode; readonly onClose: () => void }) {
  const t = useT()
  const common = useCommon()
  const { service, stage } = useDesign()
  const preview = useQuery({
    queryKey: ['services', service, 'overrides', node.id, { stage }],
    gcTime: 0,
    queryFn: () => clearOverrides(service, stage, node, true),
  })
  const clear = useDesignChange(
    service,
    () => clearOverrides(service, stage, node, false),
    (cleared) => {
      onClose()
      notifyDone(t('design.cleared', { count: cleared.length }))
    },
  )
  return (
    <Stack>
      <Text size="sm">
        {stage === undefined
          ? t('design.clearHint', { path: node.path })
          : t('design.clearStageHint', { path: node.path, stage })}
      </Text>
      <Faces
        query={preview}
        isEmpty={(cleared) => cleared.length === 0}
        empty={
          <Text size="sm" c="dimmed">
            {t('design.nothingToClear')}
          </Text>
        }
      >
        {(cleared) => (
          <>
            <ScrollArea.Autosize
              mah={240}
              viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': t('design.clearOverrides') }}
            >
              <List size="sm">
                {cleared.map(({ path, verb, plugin }) => (
                  <List.Item key={`${verb} ${path} ${plugin}`}>
                    <Code>{verb === null ? path : methodKey(verb, path)}</Code> {plugin}
                  </List.Item>
                ))}
              </List>
            </ScrollArea.Autosize>
            <ProblemAlert error={clear.error} />
            <Group justify="end">
              <Button variant="default" data-autofocus onClick={onClose}>
                {common('action.cancel')}
              </Button>
              <Button color="red" loading={clear.isPending} onClick={() => clear.mutate(undefined)}>
                {t('design.clearAll', { count: cleared.length })}
              </Button>
            </Group>
          </>
        )}
      </Faces>
    </Stack>
  )
}
