import type { ComponentType } from 'react'
import type { FieldProps } from '../field-props.ts'
import { useFormState } from '../form-context.tsx'
import { type FieldKind, kindOf, resolve, withoutNull } from '../schema.ts'
import { CardsField } from './cards-field.tsx'
import { JsonField } from './json-field.tsx'
import { ChoicesField, TextsField } from './list-fields.tsx'
import { ObjectField } from './object-field.tsx'
import { OneMemberField, UnionField } from './one-of-fields.tsx'
import { RecordField } from './record-field.tsx'
import { SecretField } from './secret-field.tsx'
import { ChoiceField, NumberField, SwitchField } from './simple-fields.tsx'
import { LinesField, TextField } from './text-field.tsx'

const fields: Readonly<Record<FieldKind, ComponentType<FieldProps>>> = {
  text: TextField,
  lines: LinesField,
  secret: SecretField,
  choice: ChoiceField,
  number: NumberField,
  switch: SwitchField,
  texts: TextsField,
  choices: ChoicesField,
  cards: CardsField,
  record: RecordField,
  object: ObjectField,
  'one-member': OneMemberField,
  union: UnionField,
  json: JsonField,
}

/** The field that a schema asks for. */
export function Field(props: FieldProps) {
  const { root } = useFormState()
  const { schema, isNullable } = withoutNull(resolve(props.schema, root))
  const Found = fields[kindOf(schema)]
  if (!isNullable) return <Found {...props} schema={schema} />
  const { default: fallback, ...rest } = schema
  return (
    <Found
      {...props}
      schema={fallback === undefined || fallback === null ? rest : schema}
      isRequired={false}
      value={props.value === null ? undefined : props.value}
      onChange={(next) => props.onChange(next === undefined ? null : next)}
    />
  )
}
