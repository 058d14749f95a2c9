import { NativeSelect } from '@mantine/core'
import { useRef } from 'react'
import { check } from '../check.ts'
import type { FieldProps } from '../field-props.ts'
import { useFormState } from '../form-context.tsx'
import { alternativeOf, asSchema, at, isObject, type JsonSchema, kindOf, resolve, titleOf } from '../schema.ts'
import { useFormT } from '../texts.ts'
import { Framed, Members } from './object-field.tsx'

/** An object with exactly one of several members: which one, and its fields. */
export function OneMemberField({ schema, value, path, label, isRequired, onChange }: FieldProps) {
  const t = useFormT()
  const { isDisabled, root } = useFormState()
  // What was typed for another kind is there again when one comes back to it.
  const typed = useRef<Record<string, unknown>>({})
  const properties = schema.properties ?? {}
  const names = Object.keys(properties)
  const chosen = names.find((name) => isObject(value) && value[name] !== undefined)
  const member = chosen === undefined ? null : resolve(asSchema(properties[chosen]), root)
  const choose = (name: string) => {
    if (chosen !== undefined && isObject(value)) typed.current[chosen] = value[chosen]
    if (name === '') onChange(isRequired ? {} : undefined)
    else onChange({ [name]: typed.current[name] ?? emptyOf(resolve(asSchema(properties[name]), root)) })
  }
  return (
    <Framed label={label} schema={schema} path={path}>
      <NativeSelect
        label={t('union.kind', { name: label })}
        maw={280}
        disabled={isDisabled}
        value={chosen ?? ''}
        data={[
          { value: '', label: t('field.none') },
          ...names.map((name) => ({ value: name, label: titleOf(asSchema(properties[name]), name) })),
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {chosen !== undefined && member !== null && (
        <Inner
          schema={member}
          value={isObject(value) ? value[chosen] : undefined}
          path={at(path, chosen)}
          label={titleOf(member, chosen)}
          isRequired
          onChange={(next) => onChange({ [chosen]: next ?? emptyOf(member) })}
        />
      )}
    </Framed>
  )
}

/** A value of one of several kinds: which one, and its fields. */
export function UnionField({ schema, value, path, label, isRequired, onChange }: FieldProps) {
  const t = useFormT()
  const { isDisabled, root } = useFormState()
  const typed = useRef<Record<number, unknown>>({})
  const either = (schema.oneOf ?? schema.anyOf ?? []).map((one) => resolve(one, root))
  const tag = schema.discriminator?.propertyName
  const place =
    value === undefined
      ? -1
      : alternativeOf({ ...schema, oneOf: either }, value, (one) => check(one, value, root).length)
  const chosen = either[place]
  const choose = (next: number) => {
    typed.current[place] = value
    const wanted = either[next]
    onChange(wanted === undefined ? undefined : (typed.current[next] ?? emptyOf(wanted, tag)))
  }
  return (
    <Framed label={label} schema={schema} path={path}>
      <NativeSelect
        label={t('union.kind', { name: label })}
        maw={280}
        disabled={isDisabled}
        value={String(place)}
        data={[
          ...(isRequired && place >= 0 ? [] : [{ value: '-1', label: t('field.none') }]),
          ...either.map((one, i) => ({
            value: String(i),
            label: one.title ?? constantOf(one, tag) ?? t('union.number', { number: i + 1 }),
          })),
        ]}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      />
      {chosen !== undefined && chosen.const === undefined && (
        <Inner
          schema={chosen}
          value={value}
          path={path}
          label={chosen.title ?? label}
          isRequired
          without={tag === undefined ? [] : [tag]}
          onChange={onChange}
        />
      )}
    </Framed>
  )
}

function Inner({ without = [], ...props }: FieldProps & { readonly without?: readonly string[] }) {
  const { Field } = useFormState()
  return kindOf(props.schema) === 'object' ? <Members {...props} without={without} /> : <Field {...props} />
}

function constantOf(schema: JsonSchema, tag: string | undefined): string | undefined {
  const constant = tag === undefined ? schema.const : schema.properties?.[tag]?.const
  return constant === undefined ? undefined : String(constant)
}

/** What a kind begins with. */
function emptyOf(schema: JsonSchema, tag?: string): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  const constant = tag === undefined ? undefined : schema.properties?.[tag]?.const
  if (tag !== undefined && constant !== undefined) return { [tag]: constant }
  const empty: Readonly<Record<string, unknown>> = {
    object: {},
    array: [],
    string: '',
    boolean: false,
    number: 0,
    integer: 0,
  }
  return typeof schema.type === 'string' ? empty[schema.type] : null
}
