import { Checkbox, NativeSelect, NumberInput, PasswordInput, SimpleGrid, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, fieldError, ifMatch, versioned } from '../../api/client.ts'
import type { Alert, AlertFields } from '../../api/model.ts'
import { SaveForm } from '../../components/dialog-form.tsx'
import { notifyDone } from '../../components/notify.ts'
import { useSave } from '../../components/use-save.ts'
import { type Kind, kinds, meaningOf, ruleInWords, usualRule } from './rule-words.ts'
import { useT } from './texts.ts'

interface AlertFormProps {
  readonly service: string
  readonly stage: string
  /** What is edited; null for a new one. */
  readonly alert: Alert | null
  /** Names that are taken. */
  readonly names: readonly string[]
  readonly onDone: () => void
}

/** Asks for a rule, and sets it. It holds at once. */
export function AlertForm({ service, stage, alert, names, onDone }: AlertFormProps) {
  const t = useT()
  const queries = useQueryClient()
  const [name, setName] = useState(alert?.name ?? '')
  const [rule, setRule] = useState<AlertFields>(alert === null ? usualRule('server-errors') : fieldsOf(alert))
  const [secret, setSecret] = useState('')
  const [isSecretDropped, dropSecret] = useState(false)
  const change = (changes: Partial<AlertFields>) => setRule({ ...rule, ...changes })
  const isTaken = alert === null && names.includes(name)
  const params = { params: { path: { serviceId: service, stageId: stage, alertName: name } } }
  const save = useSave({
    // A new one does not take the place of one that somebody else has made meanwhile.
    etag: `"${alert?.version ?? 0}"`,
    save: (etag) =>
      versioned(
        api.PUT('/api/v1/services/{serviceId}/stages/{stageId}/alerts/{alertName}', {
          ...params,
          body: { ...rule, ...(isSecretDropped ? { secret: null } : secret !== '' && { secret }) },
          ...ifMatch(etag),
        }),
      ),
    read: () => versioned(api.GET('/api/v1/services/{serviceId}/stages/{stageId}/alerts/{alertName}', params)),
    onSaved() {
      notifyDone(t('saved'))
      void queries.invalidateQueries({ queryKey: ['services', service, 'stages', stage, 'alerts'] })
      void queries.invalidateQueries({ queryKey: ['alerts'] })
      onDone()
    },
  })
  const { hasWindow, hasMinCalls } = meaningOf(rule.kind)
  const number = (field: 'threshold' | 'windowMinutes' | 'forMinutes' | 'minCalls') => ({
    required: true,
    min: 0,
    value: rule[field],
    error: fieldError(save.error, `/${field}`),
    onChange: (value: number | string) => change({ [field]: typeof value === 'number' ? value : 0 }),
  })
  return (
    <SaveForm
      save={save}
      fields={rule}
      typed={{ name, rule, secret, isSecretDropped }}
      isReady={!isTaken}
      fieldsOf={fieldsOf}
      onTake={(theirs) => setRule(fieldsOf(theirs))}
    >
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        required
        disabled={alert !== null}
        value={name}
        error={isTaken ? t('taken') : fieldError(save.error, '/alertName')}
        onChange={(event) => {
          setName(event.currentTarget.value)
        }}
      />
      <NativeSelect
        label={t('kind')}
        data={kinds.map((kind) => ({ value: kind, label: t(kind) }))}
        value={rule.kind}
        error={fieldError(save.error, '/kind')}
        onChange={(event) => {
          const kind = event.currentTarget.value as Kind
          change({ kind, threshold: usualRule(kind).threshold })
        }}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput label={t(`threshold.${rule.kind}`)} {...number('threshold')} />
        {hasWindow && <NumberInput label={t('windowMinutes')} {...number('windowMinutes')} allowDecimal={false} />}
        <NumberInput label={t('forMinutes')} {...number('forMinutes')} allowDecimal={false} />
        {hasMinCalls && <NumberInput label={t('minCalls')} {...number('minCalls')} allowDecimal={false} />}
      </SimpleGrid>
      <Text size="sm" c="dimmed" aria-live="polite">
        {ruleInWords(rule, t)}
      </Text>
      <TextInput
        type="url"
        label={t('webhookLabel')}
        description={t('webhookHint')}
        value={rule.webhook ?? ''}
        error={fieldError(save.error, '/webhook')}
        onChange={({ currentTarget: { value } }) => change({ webhook: value === '' ? null : value })}
      />
      <PasswordInput
        label={t('secret')}
        description={alert?.hasSecret === true ? t('secretKept') : t('secretHint')}
        autoComplete="new-password"
        disabled={isSecretDropped}
        value={secret}
        error={fieldError(save.error, '/secret')}
        onChange={(event) => {
          setSecret(event.currentTarget.value)
        }}
      />
      {alert?.hasSecret === true && (
        <Checkbox
          label={t('dropSecret')}
          checked={isSecretDropped}
          onChange={(event) => {
            dropSecret(event.currentTarget.checked)
          }}
        />
      )}
    </SaveForm>
  )
}

/** What of a rule is set. */
export function fieldsOf({ kind, threshold, windowMinutes, forMinutes, minCalls, webhook }: Alert): AlertFields {
  return { kind, threshold, windowMinutes, forMinutes, minCalls, webhook }
}
