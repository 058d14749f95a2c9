import { NativeSelect, NumberInput, Switch, Text } from '@mantine/core'
import type { FieldProps } from '../field-props.ts'
import { shown } from '../help.tsx'
import { typeOf, unitOf } from '../schema.ts'
import { useFormT } from '../texts.ts'
import { useInput } from './use-input.tsx'

/** Short values have short boxes; what is said of them goes over the whole width. */
const NARROW = { wrapper: { maxWidth: 280 } } as const
const DIGIT_WIDTH = 9
const UNIT_PADDING = 16

/** A number, with its unit. What is no number stays as it was typed, and is wrong. */
export function NumberField(props: FieldProps) {
  const { schema, value } = props
  const { input, change } = useInput(props, true)
  const unit = unitOf(schema)
  return (
    <NumberInput
      {...input}
      value={typeof value === 'number' || typeof value === 'string' ? value : ''}
      placeholder={schema.default === undefined || schema.default === null ? '' : String(schema.default)}
      allowDecimal={typeOf(schema) === 'number'}
      allowNegative={(schema.minimum ?? -1) < 0}
      clampBehavior="none"
      hideControls
      styles={NARROW}
      {...(unit === null
        ? {}
        : {
            rightSection: (
              <Text size="sm" c="dimmed" aria-hidden>
                {unit}
              </Text>
            ),
            rightSectionWidth: unit.length * DIGIT_WIDTH + UNIT_PADDING,
          })}
      onChange={(next) => change(next === '' ? undefined : next)}
    />
  )
}

/** On or off. */
export function SwitchField(props: FieldProps) {
  const { schema, value } = props
  const { input, change } = useInput(props, true)
  const { withAsterisk: _, ...rest } = input
  return (
    <Switch
      {...rest}
      checked={typeof value === 'boolean' ? value : schema.default === true}
      onChange={(event) => change(event.currentTarget.checked)}
    />
  )
}

/** One of a few. The first line of the list leaves it out, where that is possible. */
export function ChoiceField(props: FieldProps) {
  const t = useFormT()
  const { schema, value, isRequired } = props
  const { input, change } = useInput(props, true)
  const choices = schema.enum ?? []
  const isKnown = choices.includes(value)
  const none = schema.default === undefined ? t('field.none') : t('field.isDefault', { value: shown(schema.default) })
  return (
    <NativeSelect
      {...input}
      styles={NARROW}
      value={value === undefined ? '' : shown(value)}
      data={[
        { value: '', label: isRequired ? '' : none, disabled: isRequired },
        // A default that was chosen by hand is the same as none: it is shown, and stays as it is.
        ...choices.map((choice) => ({ value: shown(choice), label: shown(choice) })),
        ...(isKnown || value === undefined ? [] : [{ value: shown(value), label: shown(value) }]),
      ]}
      onChange={(event) => {
        const chosen = event.currentTarget.value
        change(chosen === '' ? undefined : choices.find((choice) => shown(choice) === chosen))
      }}
    />
  )
}
