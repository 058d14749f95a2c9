import { Group, NumberInput, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import type { Plan } from '../../api/model.ts'
import { isSameJson } from '../../api/save-part.ts'
import { DialogForm, SaveForm } from '../../components/dialog-form.tsx'
import { DescriptionField, NameField } from '../../components/name-fields.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useNotifyUndo } from '../../components/notify-undo.tsx'
import { useSave } from '../../components/use-save.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { readPlan } from './queries.ts'
import { useT } from './texts.ts'

type PlanFields = Pick<Plan, 'name' | 'description' | 'requestsPerSecond' | 'burst' | 'quota'>

const nothing: PlanFields = { name: '', description: '', requestsPerSecond: null, burst: null, quota: null }
/** What a quota begins with, so that there is something to change. */
const FIRST_QUOTA = 10_000

const fieldsOf = ({ name, description, requestsPerSecond, burst, quota }: Plan): PlanFields => ({
  name,
  description,
  requestsPerSecond,
  burst,
  quota,
})

/** Makes a plan. */
export function NewPlanForm({ onMade }: { readonly onMade: (plan: Plan) => void }) {
  const common = useCommonT()
  const queries = useQueryClient()
  const [fields, setFields] = useState(nothing)
  const create = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/plans', { body: fields })),
    onSuccess(plan) {
      void queries.invalidateQueries({ queryKey: ['plans'] })
      onMade(plan)
    },
  })
  return (
    <DialogForm typed={fields} action={common('action.create')} change={create} onSubmit={() => create.mutate()}>
      <PlanInputs fields={fields} onChange={setFields} error={create.error} />
    </DialogForm>
  )
}

interface EditPlanProps {
  readonly opened: Versioned<Plan>
  readonly onDone: (plan: PlanFields) => void
}

/** Changes a plan, and says what becomes of what was used. Where nothing of that is forgotten, its limits can be put back. */
export function EditPlanForm({ opened, onDone }: EditPlanProps) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const planId = opened.value.id
  const notifyUndo = useNotifyUndo()
  const [fields, setFields] = useState(() => fieldsOf(opened.value))
  const read = () =>
    Promise.all([queries.invalidateQueries({ queryKey: ['plans'] }), queries.invalidateQueries({ queryKey: ['keys'] })])
  const putBack = useMutation({
    mutationFn: (limits: Limits) =>
      answer(api.PATCH('/api/v1/plans/{planId}', { params: { path: { planId } }, body: limits })),
    onSuccess: () => notifyDone(t('limitsBack')),
    onError: notifyFailed,
    onSettled: read,
  })
  const save = useSave({
    etag: opened.etag,
    save: (etag) =>
      versioned(api.PATCH('/api/v1/plans/{planId}', { params: { path: { planId } }, body: fields, ...ifMatch(etag) })),
    read: () => readPlan(planId),
    onSaved() {
      void read()
      if (isExact(opened.value, fields)) notifyUndo(t('limitsSaved'), () => putBack.mutate(limitsOf(opened.value)))
      else notifyDone(common('state.saved'))
      onDone(fields)
    },
  })
  return (
    <SaveForm save={save} fields={fields} fieldsOf={fieldsOf} onTake={(theirs) => setFields(fieldsOf(theirs))}>
      <PlanInputs fields={fields} onChange={setFields} error={save.error} />
      <Text size="sm" aria-live="polite">
        {t('atOnce')} <QuotaChange before={opened.value.quota} after={fields.quota} />
      </Text>
    </SaveForm>
  )
}

type Limits = Pick<Plan, 'requestsPerSecond' | 'burst' | 'quota'>

const limitsOf = ({ requestsPerSecond, burst, quota }: Limits): Limits => ({ requestsPerSecond, burst, quota })

/** Whether limits have changed, and all is as it was when they change back: without a quota, what was used is forgotten. */
const isExact = (before: Limits, after: Limits): boolean =>
  !isSameJson(limitsOf(before), limitsOf(after)) && (before.quota === null || after.quota !== null)

/** What a change of the quota does to what was used. */
function QuotaChange({ before, after }: { readonly before: Plan['quota']; readonly after: Plan['quota'] }) {
  const t = useT()
  if (before === null) return null
  if (after === null) return t('forgetsUsed')
  return isSameJson(before, after) ? null : t('keepsUsed')
}

interface PlanInputsProps {
  readonly fields: PlanFields
  readonly onChange: (fields: PlanFields) => void
  readonly error: Error | null
}

function PlanInputs({ fields, onChange, error }: PlanInputsProps) {
  const t = useT()
  const set = (changes: Partial<PlanFields>) => onChange({ ...fields, ...changes })
  return (
    <>
      <NameField
        label={t('name')}
        description={t('nameHint')}
        value={fields.name}
        onChange={(name) => set({ name })}
        error={error}
      />
      <DescriptionField
        label={t('description')}
        value={fields.description}
        onChange={(description) => set({ description })}
        error={error}
      />
      <Group grow align="start">
        <NumberInput
          label={t('requestsPerSecond')}
          description={t('requestsPerSecondHint')}
          value={fields.requestsPerSecond ?? ''}
          allowDecimal={false}
          thousandSeparator=" "
          error={fieldError(error, '/requestsPerSecond')}
          onChange={(value) => set({ requestsPerSecond: wholeOrNull(value) })}
        />
        <NumberInput
          label={t('burst')}
          description={t('burstHint')}
          value={fields.burst ?? ''}
          allowDecimal={false}
          thousandSeparator=" "
          error={fieldError(error, '/burst')}
          onChange={(value) => set({ burst: wholeOrNull(value) })}
        />
      </Group>
      <QuotaInputs quota={fields.quota} onChange={(quota) => set({ quota })} error={error} />
    </>
  )
}

interface QuotaInputsProps {
  readonly quota: Plan['quota']
  readonly onChange: (quota: Plan['quota']) => void
  readonly error: Error | null
}

function QuotaInputs({ quota, onChange, error }: QuotaInputsProps) {
  const t = useT()
  const units = ['none', 'day', 'month'] as const
  const choose = (unit: string) => {
    const per = unit === 'day' || unit === 'month' ? unit : null
    onChange(per === null ? null : { requests: quota?.requests ?? FIRST_QUOTA, per })
  }
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t('quotaUnit')}
      </Text>
      <SegmentedControl
        aria-label={t('quotaUnit')}
        data={units.map((value) => ({ value, label: t(`unit.${value}`) }))}
        value={quota?.per ?? 'none'}
        onChange={choose}
      />
      {quota !== null && (
        <NumberInput
          label={t('quotaRequests')}
          description={t('quotaRequestsHint')}
          required
          value={quota.requests}
          allowDecimal={false}
          thousandSeparator=" "
          error={fieldError(error, '/quota/requests') ?? fieldError(error, '/quota')}
          onChange={(value) => onChange({ ...quota, requests: wholeOrNull(value) ?? 0 })}
        />
      )}
    </Stack>
  )
}

/** What a field of numbers has, which is a text while it is empty or half typed. */
const wholeOrNull = (value: string | number): number | null => (typeof value === 'number' ? value : null)
