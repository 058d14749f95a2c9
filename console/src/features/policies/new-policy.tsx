import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { ApiProblem, answer, api, type FieldProblem } from '../../api/client.ts'
import type { Policy } from '../../api/model.ts'
import { DialogButton } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
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
  return (
    <DialogButton label={t('policies.new')} dialogSize="lg">
      {(close) => <NewPolicyForm {...props} onDone={close} />}
    </DialogButton>
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
  return (
    <DialogForm
      typed={value}
      action={common('action.create')}
      change={create}
      onSubmit={() => create.mutate()}
      isReady={!isHeld}
      hasOwnFaults
    >
      <SchemaForm
        schema={schema}
        value={value}
        errors={error instanceof ApiProblem ? error.errors : NO_PROBLEMS}
        onHold={setIsHeld}
        onChange={setValue}
      />
    </DialogForm>
  )
}
