import { Chip, Code, Group, Text } from '@mantine/core'
import { useState } from 'react'
import type { Method } from '../../api/model.ts'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
import { useT as useCommon } from '../../i18n/index.tsx'
import { createMethod, createPath, useDesignChange } from './change-design.ts'
import { useDesign } from './design-context.tsx'
import { PathField } from './path-field.tsx'
import { useT } from './texts.ts'
import { methodKey, type TreeNode } from './tree-model.ts'
import { useTrial } from './use-trial.ts'
import { verbs } from './verbs.ts'

/** Adds a path below another one, with methods if one likes. */
export function AddPath({ node, onClose }: { readonly node: TreeNode; readonly onClose: () => void }) {
  const t = useT()
  const common = useCommon()
  const { service, goTo } = useDesign()
  const start = node.path === '/' ? '/' : `${node.path}/`
  const [path, setPath] = useState(start)
  const [chosen, setChosen] = useState<string[]>([])
  const isTyped = path !== start && path !== ''
  const problem = useTrial(['services', service, 'paths'], path, isTyped, (text) => createPath(service, text, true))
  const create = useDesignChange(
    service,
    async () => {
      const { id } = await createPath(service, path, false)
      for (const verb of verbs.filter((one) => chosen.includes(one))) await createMethod(service, id, { verb })
      return chosen[0]
    },
    (verb) => {
      onClose()
      notifyDone(t('design.added', { name: path }))
      goTo(verb === undefined ? path : methodKey(verb, path))
    },
  )
  return (
    <DialogForm
      typed={{ path, chosen }}
      action={common('action.add')}
      change={{ ...create, error: problem === null ? create.error : null }}
      onSubmit={() => create.mutate(undefined)}
      isReady={isTyped && typeof problem !== 'string'}
    >
      <PathField
        label={t('design.path')}
        description={t('design.pathHint')}
        value={path}
        onChange={setPath}
        problem={problem}
      />
      <div>
        <Text size="sm" fw={500} id="add-path-methods">
          {t('design.withMethods')}
        </Text>
        <Chip.Group multiple value={chosen} onChange={setChosen}>
          <Group gap="xs" mt={4} role="group" aria-labelledby="add-path-methods">
            {verbs.map((verb: Method['verb']) => (
              <Chip key={verb} value={verb} size="xs" variant="outline">
                {verb}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </div>
      <Text size="xs" c="dimmed">
        <Code>{'{id}'}</Code> {t('design.oneSegment')} <Code>{'{rest+}'}</Code> {t('design.allBelow')}
      </Text>
    </DialogForm>
  )
}
