import { Button, Modal, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useMemo, useState } from 'react'
import { ApiProblem, answer, api, type FieldProblem } from '../../api/client.ts'
import type { Policy } from '../../api/model.ts'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { newPolicySchema } from './schemas.ts'
import { useT } from './texts.ts'

const NO_PROBLEMS: readonly FieldProblem[] = []

interface NewPolicyProps {
  readonly service: string
  /** Of a policy. */
  readonly schema: unknown
}

/** A button that asks for what a policy needs, makes it, and goes to it. */
export function NewPolicy(props: NewPolicyProps) {
  const t = useT()
  const common = useCommonT()
  const [isOpen, { open, close }] = useDisclosure()
  return (
    <>
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
        {t('policies.new')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('policies.new')}
        size="lg"
        closeButtonProps={{ 'aria-label': common('action.close') }}
      >
        <NewPolicyForm {...props} onDone={close} />
      </Modal>
    </>
  )
}

function NewPolicyForm({ service, schema: given, onDone }: NewPolicyProps & { readonly onDone: () => void }) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const schema = useMemo(() => newPolicySchema(given), [given])
  const [value, setValue] = useState<unknown>({ key: { in: 'header' } })
  const [isHeld, setIsHeld] = useState(false)
  const create = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/services/{serviceId}/policies', {
          params: { path: { serviceId: service } },
          // The server says what is none.
          body: value as Pick<Policy, 'name' | 'key'>,
        }),
      ),
    async onSuccess({ name }) {
      notifyDone(t('policy.created', { name }))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      onDone()
      await navigate({ to: `/services/${service}/policies/${encodeURIComponent(name)}` })
    },
  })
  const { error } = create
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isHeld) create.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <SchemaForm
          schema={schema}
          value={value}
          errors={error instanceof ApiProblem ? error.errors : NO_PROBLEMS}
          onHold={setIsHeld}
          onChange={setValue}
        />
        <ProblemAlert error={error} />
        <Button type="submit" loading={create.isPending} disabled={isHeld}>
          {common('action.create')}
        </Button>
      </Stack>
    </form>
  )
}
