import { Badge, Group, Stack, Table, Text } from '@mantine/core'
import { ScrollText } from '../../components/scroll-text.tsx'
import { useTryT } from './texts.ts'

interface AnswerProps {
  readonly answer: {
    readonly status: number
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly body: string
    readonly isCut?: boolean
    readonly durationMs?: number
  }
}

/** An answer as it came: status, header fields, and the body so that it can be read. */
export function AnswerView({ answer: { status, headers, body, isCut = false, durationMs } }: AnswerProps) {
  const t = useTryT()
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Badge size="lg" color={colorOf(status)} variant="light">
          {status}
        </Badge>
        {durationMs !== undefined && (
          <Text size="sm" c="dimmed">
            {t('answer.duration', { ms: durationMs.toFixed(1) })}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {t('answer.size', { count: new TextEncoder().encode(body).length })}
        </Text>
      </Group>
      <details>
        <summary>{t('answer.headers', { count: headers.length })}</summary>
        <Fields fields={headers} />
      </details>
      {body !== '' && <ScrollText label={t('answer.body')} text={prettyBody(body)} />}
      {isCut && <Text size="sm">{t('answer.cut')}</Text>}
    </Stack>
  )
}

export function Fields({ fields }: { readonly fields: AnswerProps['answer']['headers'] }) {
  return (
    <Table layout="auto" withRowBorders={false} verticalSpacing={2}>
      <Table.Tbody>
        {fields.map(({ name, value }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a field may be there several times, and nothing moves
          <Table.Tr key={i}>
            <Table.Td fw={500} style={{ verticalAlign: 'top' }}>
              {name}
            </Table.Td>
            <Table.Td ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

export function colorOf(status: number): string {
  return status < 300 ? 'teal' : status < 400 ? 'blue' : status < 500 ? 'orange' : 'red'
}

/** JSON with its lines; everything else as it is. */
export function prettyBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
