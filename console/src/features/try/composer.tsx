import { Autocomplete, Group, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Composed } from './composed.ts'
import { Pairs } from './pairs.tsx'
import { routesQuery } from './queries.ts'
import { firstRows, keyOf, type TryRoute } from './routes-of.ts'
import { fillPattern, matchPattern, variablesOf } from './target.ts'
import { useTryT } from './texts.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** So many routes are listed at once: typing finds the others. */
const MOST_ROUTES = 100

interface ComposerProps {
  readonly service: string
  readonly stage: string
  /** The deployment whose routes are offered; null for those of the draft. */
  readonly deployment: number | null
  readonly composed: Composed
  readonly onChange: (composed: Composed) => void
}

/** A request, composed of a route of the stage: its path variables and parameters are fields. */
export function Composer({ service, stage, deployment, composed, onChange }: ComposerProps) {
  const t = useTryT()
  const { data: routes = [] } = useQuery(routesQuery(service, stage, deployment))
  const { pattern, method, path, query, headers, body } = composed
  const route = routes.find((one) => one.pattern === pattern && (one.verb === method || one.verb === 'ANY'))
  const set = (change: Partial<Composed>) => onChange({ ...composed, ...change })
  return (
    <Stack gap="sm">
      <RouteSelect routes={routes} route={route} onChoose={(chosen) => onChange(startOf(chosen, composed))} />
      <Group align="start" gap="xs" wrap="nowrap">
        <Select
          label={t('compose.method')}
          data={METHODS.includes(method) ? METHODS : [...METHODS, method]}
          w={120}
          value={method}
          onChange={(value) => set({ method: value ?? 'GET' })}
        />
        <TextInput
          label={t('compose.path')}
          style={{ flex: 1 }}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={path}
          // A path that the route could not have is one of its own.
          onChange={({ currentTarget: { value } }) =>
            set({ path: value, pattern: matchPattern(pattern, value) === null ? '' : pattern })
          }
        />
      </Group>
      <PathVariables pattern={pattern} path={path} onChange={(next) => set({ path: next })} />
      <Pairs
        label={t('compose.query')}
        add={t('compose.addQuery')}
        pairs={query}
        onChange={(next) => set({ query: next })}
      />
      <Pairs
        label={t('compose.headers')}
        add={t('compose.addHeader')}
        pairs={headers}
        onChange={(next) => set({ headers: next })}
      />
      <Textarea
        label={t('compose.body')}
        description={route === undefined ? undefined : route.contentTypes.join(', ')}
        autosize
        minRows={method === 'GET' || method === 'HEAD' ? 1 : 4}
        maxRows={20}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={body}
        onChange={(event) => set({ body: event.currentTarget.value })}
      />
    </Stack>
  )
}

interface RouteSelectProps {
  readonly routes: readonly TryRoute[]
  readonly route: TryRoute | undefined
  readonly onChoose: (route: TryRoute) => void
}

function RouteSelect({ routes, route, onChoose }: RouteSelectProps) {
  const t = useTryT()
  const byKey = useMemo(() => new Map(routes.map((one) => [keyOf(one), one])), [routes])
  const current = route === undefined ? '' : keyOf(route)
  // What is typed to find a route; it becomes one when it is chosen.
  const [typed, setTyped] = useState<string | null>(null)
  return (
    <Autocomplete
      label={t('compose.route')}
      placeholder={t('compose.routePlaceholder')}
      data={[...byKey.keys()]}
      limit={MOST_ROUTES}
      selectFirstOptionOnChange
      value={typed ?? current}
      description={route === undefined || route.summary === '' ? undefined : route.summary}
      onChange={setTyped}
      onOptionSubmit={(key) => {
        const chosen = byKey.get(key)
        if (chosen !== undefined) onChoose(chosen)
      }}
      onBlur={() => setTyped(null)}
    />
  )
}

/** The beginning of a request for a route: what was typed for the one before is kept where it fits. */
function startOf(route: TryRoute, { pattern, path, headers, body, method }: Composed): Composed {
  const values = pattern === '' ? {} : (matchPattern(pattern, path) ?? {})
  return {
    pattern: route.pattern,
    method: route.verb === 'ANY' ? method : route.verb,
    path: fillPattern(route.pattern, values),
    query: firstRows(route, 'query'),
    headers: [
      ...headers,
      ...firstRows(route, 'header').filter(
        (row) => !headers.some(({ name }) => name.toLowerCase() === row.name.toLowerCase()),
      ),
    ],
    body,
  }
}

interface PathVariablesProps {
  readonly pattern: string
  readonly path: string
  readonly onChange: (path: string) => void
}

function PathVariables({ pattern, path, onChange }: PathVariablesProps) {
  const t = useTryT()
  const names = variablesOf(pattern)
  if (names.length === 0) return null
  const values = matchPattern(pattern, path) ?? {}
  return (
    <Group grow align="start">
      {names.map((name) => (
        <TextInput
          key={name}
          label={t('compose.variable', { name })}
          required
          value={values[name] ?? ''}
          onChange={(event) => onChange(fillPattern(pattern, { ...values, [name]: event.currentTarget.value }))}
        />
      ))}
    </Group>
  )
}
