import { Radio, SimpleGrid, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Method } from '../../api/model.ts'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
import { useT as useCommon } from '../../i18n/index.tsx'
import { createMethod, useDesignChange } from './change-design.ts'
import { useDesign } from './design-context.tsx'
import { useT } from './texts.ts'
import { methodKey, type TreeNode } from './tree-model.ts'
import { verbs } from './verbs.ts'

/** Adds a method to a path: one of those that it does not have yet. */
export function AddMethod({ node, onClose }: { readonly node: TreeNode; readonly onClose: () => void }) {
  const t = useT()
  const common = useCommon()
  const { service, goTo } = useDesign()
  const left = verbs.filter((verb) => !node.methods.some((method) => method.verb === verb))
  const [verb, setVerb] = useState<Method['verb'] | undefined>(left[0])
  const [name, setName] = useState('')
  const create = useDesignChange(
    service,
    (chosen: Method['verb']) => createMethod(service, node.id, { verb: chosen, name }),
    (method) => {
      const key = methodKey(method.verb, node.path)
      onClose()
      notifyDone(t('design.added', { name: key }))
      goTo(key)
    },
  )
  return (
    <DialogForm
      typed={name}
      action={common('action.add')}
      change={create}
      onSubmit={() => {
        if (verb !== undefined) create.mutate(verb)
      }}
      isReady={verb !== undefined}
    >
      <Radio.Group
        label={t('design.method')}
        description={t('design.anyHint')}
        value={verb ?? ''}
        onChange={(chosen) => setVerb(verbs.find((one) => one === chosen))}
      >
        <SimpleGrid cols={{ base: 2, xs: 4 }} mt="xs" spacing="xs">
          {verbs.map((one) => (
            <Radio
              key={one}
              value={one}
              label={one}
              disabled={!left.includes(one)}
              data-autofocus={one === left[0] || undefined}
            />
          ))}
        </SimpleGrid>
      </Radio.Group>
      <TextInput
        label={t('method.name')}
        description={t('method.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </DialogForm>
  )
}
