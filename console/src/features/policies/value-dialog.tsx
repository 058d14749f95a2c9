import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ApiProblem, type FieldProblem } from '../../api/client.ts'
import type { Policy, PolicyValue } from '../../api/model.ts'
import { ChangedMeanwhile } from '../../api/save-part.ts'
import { ConflictAlert } from '../../components/conflict.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
import { isObject } from '../../forms/schema.ts'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { saveValue } from './queries.ts'
import { valueSchema } from './schemas.ts'
import { useT } from './texts.ts'

const NO_PROBLEMS: readonly FieldProblem[] = []

interface ValueDialogProps {
  readonly service: string
  readonly policy: Policy
  /** Of a policy. */
  readonly schema: unknown
  /** 'new' for one more; null for none: the dialog is closed. */
  readonly edited: PolicyValue | 'new' | null
  readonly onClose: () => void
}

/** Adds a value to a policy, or changes one. */
export function ValueDialog(props: ValueDialogProps) {
  const t = useT()
  const { edited, onClose } = props
  return (
    <Dialog
      isOpen={edited !== null}
      onClose={onClose}
      title={edited === null || edited === 'new' ? t('values.add') : t('values.edit', { value: edited.value })}
      size="lg"
    >
      {edited !== null && <ValueForm {...props} value={edited === 'new' ? null : edited} />}
    </Dialog>
  )
}

interface ValueFormProps extends Omit<ValueDialogProps, 'edited'> {
  /** Null for a new one. */
  readonly value: PolicyValue | null
}

function ValueForm({ service, policy, schema: given, value, onClose }: ValueFormProps) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const schema = useMemo(() => valueSchema(given, value === null), [given, value])
  const [edited, setEdited] = useState<unknown>(() => {
    if (value === null) return {}
    const { value: _, ...rest } = value
    return rest
  })
  const [isHeld, setIsHeld] = useState(false)
  const name = value?.value ?? (isObject(edited) && typeof edited.value === 'string' ? edited.value : '')
  const save = useMutation({
    mutationFn: (before: PolicyValue | undefined) =>
      saveValue(service, policy.name, name, before, {
        requestsPerSecond: null,
        networks: null,
        // The server says what is none.
        ...(edited as Partial<PolicyValue>),
        value: name,
      }),
    async onSuccess() {
      notifyDone(t('values.saved', { value: name }))
      await queries.invalidateQueries({ queryKey: ['services', service] })
      onClose()
    },
  })
  const { error } = save
  const isTaken = value === null && policy.values.some((one) => one.value === name)
  const errors = useMemo(() => {
    if (isTaken) return [{ path: '/value', message: t('values.taken') }]
    return error instanceof ApiProblem ? error.errors : NO_PROBLEMS
  }, [isTaken, error, t])
  return (
    <DialogForm
      typed={edited}
      action={common('action.save')}
      change={save}
      onSubmit={() => save.mutate(value ?? undefined)}
      isReady={!isHeld && !isTaken && name !== ''}
      hasOwnFaults
      conflict={
        error instanceof ChangedMeanwhile && (
          <ConflictAlert
            theirs={error.theirs}
            yours={edited}
            onTakeTheirs={() => {
              void queries.invalidateQueries({ queryKey: ['services', service] })
              onClose()
            }}
            // What was read of the same value.
            onOverwrite={() => save.mutate(error.theirs as PolicyValue | undefined)}
          />
        )
      }
    >
      <SchemaForm schema={schema} value={edited} errors={errors} onHold={setIsHeld} onChange={setEdited} />
    </DialogForm>
  )
}
