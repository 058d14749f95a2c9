import { Button, Divider, Fieldset, Group, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useFormState } from '../form-context.tsx'
import { Marked } from '../help.tsx'
import { asSchema, at, beginning, isObject, type JsonSchema, resolve, titleOf, withMember } from '../schema.ts'
import { useFormT } from '../texts.ts'

interface MembersProps {
  readonly schema: JsonSchema
  readonly value: unknown
  readonly path: string
  readonly onChange: (value: unknown) => void
  /** Members that are shown elsewhere. */
  readonly without?: readonly string[]
}

/** The fields of an object, in the order of its schema. What the schema does not name is kept. */
export function Members({ schema, value, path, onChange, without = [] }: MembersProps) {
  const t = useFormT()
  const { root, Field } = useFormState()
  const object = isObject(value) ? value : {}
  const names = Object.keys(schema.properties ?? {}).filter((name) => !without.includes(name))
  if (names.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('form.nothing')}
      </Text>
    )
  return (
    <Stack gap="md">
      {names.map((name) => {
        const member = resolve(asSchema(schema.properties?.[name]), root)
        return (
          <Field
            key={name}
            schema={member}
            value={object[name]}
            path={at(path, name)}
            label={titleOf(member, name)}
            isRequired={schema.required?.includes(name) === true && member.default === undefined}
            onChange={(next) => onChange(withMember(object, name, next))}
          />
        )
      })}
    </Stack>
  )
}

/** An object in an object. One that may be missing is set up first. */
export function ObjectField({ schema, value, path, label, isRequired, onChange }: FieldProps) {
  const t = useFormT()
  const { isDisabled, root } = useFormState()
  if (schema['x-plain'] === true)
    return (
      <>
        <Members schema={schema} value={value} path={path} onChange={onChange} />
        <Divider />
      </>
    )
  const isOptional = !isRequired && schema.default === undefined
  if (isOptional && value === undefined)
    return (
      <Stack gap={4} align="start">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={isDisabled}
          onClick={() => onChange(beginning(schema, root))}
        >
          {t('object.add', { name: label })}
        </Button>
        <Described schema={schema} path={path} />
      </Stack>
    )
  return (
    <Framed label={label} schema={schema} path={path}>
      <Members schema={schema} value={value} path={path} onChange={onChange} />
      {isOptional && !isDisabled && (
        <Group>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={14} aria-hidden />}
            aria-label={t('object.remove', { name: label })}
            onClick={() => onChange(undefined)}
          >
            {t('object.removeOne')}
          </Button>
        </Group>
      )}
    </Framed>
  )
}

interface FramedProps {
  readonly label: string
  readonly schema: JsonSchema
  readonly path: string
  readonly children: ReactNode
}

/** A frame around fields that belong together. */
export function Framed({ label, schema, path, children }: FramedProps) {
  return (
    <Fieldset legend={label} p="md" styles={{ legend: { fontWeight: 600 } }}>
      <Stack gap="md">
        <Described schema={schema} path={path} />
        {children}
      </Stack>
    </Fieldset>
  )
}

/** What a group of fields is for, and what is wrong with it as a whole. */
function Described({ schema, path }: { readonly schema: JsonSchema; readonly path: string }) {
  const { errorAt } = useFormState()
  const error = errorAt(path)
  return (
    <>
      {schema.description !== undefined && (
        <Text size="xs" c="dimmed">
          <Marked text={schema.description} />
        </Text>
      )}
      {error !== undefined && (
        <Text size="xs" c="red" role="alert">
          {error}
        </Text>
      )}
    </>
  )
}
