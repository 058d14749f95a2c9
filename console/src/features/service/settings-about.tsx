import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiProblem, api, fieldError, ifMatch, type Versioned, versioned } from '../../api/client.ts'
import type { Service } from '../../api/model.ts'
import { ConflictAlert } from '../../components/conflict.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { When } from '../../components/when.tsx'
import { useT as useCommon } from '../../i18n/index.tsx'
import { serviceQuery } from '../services/queries.ts'
import { useT } from './settings-texts.ts'

type Fields = Pick<Service, 'name' | 'description'>

const PRECONDITION_FAILED = 412

const fieldsOf = ({ name, description }: Service): Fields => ({ name, description })
const isSame = (a: Fields, b: Fields) => a.name === b.name && a.description === b.description

interface AboutServiceProps {
  readonly service: Versioned<Service>
  readonly isReadOnly: boolean
}

/** What a service is called, and what it is for. */
export function AboutService({ service: { value, etag }, isReadOnly }: AboutServiceProps) {
  const t = useT()
  const common = useCommon()
  const [base, setBase] = useState(() => fieldsOf(value))
  const [fields, setFields] = useState(base)
  const [theirs, setTheirs] = useState<Versioned<Service> | null>(null)
  const save = useSave(value, fields, setTheirs, (saved) => {
    setBase(saved)
    setTheirs(null)
  })
  const isChanged = !isSame(fields, base)
  useUnsaved(isChanged)
  // Somebody else has changed it, and nobody has typed here.
  if (!isChanged && !isSame(base, fieldsOf(value)) && !save.isPending) {
    setBase(fieldsOf(value))
    setFields(fieldsOf(value))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // What stands here is not what one began with: that is for the reader to decide.
    if (isSame(base, fieldsOf(value))) save.mutate({ base, etag })
    else setTheirs({ value, etag })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t('settings.name')}
          description={t('settings.nameHint', { host: `${value.name}.…` })}
          required
          readOnly={isReadOnly}
          value={fields.name}
          error={fieldError(save.error, '/name')}
          onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
        />
        <Textarea
          label={t('settings.description')}
          autosize
          minRows={2}
          readOnly={isReadOnly}
          value={fields.description}
          error={fieldError(save.error, '/description')}
          onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })}
        />
        {theirs === null ? (
          <ProblemAlert error={save.error} />
        ) : (
          <ConflictAlert
            theirs={fieldsOf(theirs.value)}
            yours={fields}
            onTakeTheirs={() => {
              setBase(fieldsOf(theirs.value))
              setFields(fieldsOf(theirs.value))
              setTheirs(null)
              save.reset()
            }}
            onOverwrite={() => save.mutate({ base: fieldsOf(theirs.value), etag: theirs.etag })}
          />
        )}
        <Group justify="space-between">
          <Group gap="lg">
            <Moment label={t('settings.made')} at={value.createdAt} />
            <Moment label={t('settings.changed')} at={value.updatedAt} />
          </Group>
          {!isReadOnly && (
            <Button type="submit" loading={save.isPending} disabled={!isChanged}>
              {common('action.save')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function Moment({ label, at }: { readonly label: string; readonly at: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <When at={at} />
    </div>
  )
}

interface Expected {
  readonly base: Fields
  readonly etag: string
}

/**
 * Sends what is different. The ETag is that of the service with its design: where somebody has only changed the design
 * meanwhile, the save goes on by itself.
 */
function useSave(
  { id, name: oldName }: Service,
  fields: Fields,
  onConflict: (theirs: Versioned<Service>) => void,
  onSaved: (saved: Fields) => void,
) {
  const common = useCommon()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const path = { serviceId: id }
  const send = (base: Fields, etag: string) => {
    const { name, description } = fields
    const body = { ...(name !== base.name && { name }), ...(description !== base.description && { description }) }
    return versioned(api.PATCH('/api/v1/services/{serviceId}', { params: { path }, ...ifMatch(etag), body }))
  }
  return useMutation({
    async mutationFn({ base, etag }: Expected) {
      try {
        return await send(base, etag)
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.status !== PRECONDITION_FAILED) throw error
        const now = await versioned(api.GET('/api/v1/services/{serviceId}', { params: { path } }))
        if (isSame(fieldsOf(now.value), base)) return send(base, now.etag)
        onConflict(now)
        throw error
      }
    },
    async onSuccess(saved) {
      const { name } = saved.value
      onSaved(fieldsOf(saved.value))
      queries.setQueryData(serviceQuery(name).queryKey, saved)
      notifyDone(common('state.saved'))
      if (name !== oldName) {
        await navigate({
          to: '/services/$service/settings',
          params: { service: name },
          replace: true,
          ignoreBlocker: true,
        })
        // Nobody answers to the old name.
        queries.removeQueries({ queryKey: ['services', oldName] })
      }
      await queries.invalidateQueries({ queryKey: ['services'] })
    },
  })
}
