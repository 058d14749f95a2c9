import {
  Autocomplete,
  Button,
  type ComboboxItem,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { MomentField } from '../../components/moment-field.tsx'
import { withSearch } from '../../components/with-search.ts'
import { usersQuery } from '../people/queries.ts'
import { servicesQuery } from '../services/queries.ts'
import classes from './filters.module.css'
import { useT } from './texts.ts'
import { type Filtered, valuesOf, wordFor } from './words.ts'

/** Which entries are wanted. What is suggested is what there is; others can be typed. */
export function Filters() {
  const t = useT()
  const search = useSearch({ from: '/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const users = useQuery(usersQuery)
  const services = useInfiniteQuery(servicesQuery(''))
  const set = (changes: Partial<Record<keyof typeof search, string | null>>) =>
    void navigate({ search: withSearch(search, { entry: null, ...changes }), replace: true, resetScroll: false })
  const { entry: _, ...filter } = search
  return (
    <Paper component="section" withBorder p="md" aria-label={t('filters')}>
      <SimpleGrid cols={{ base: 2, md: 4, xl: 7 }} spacing="sm">
        <Autocomplete
          label={t('actor')}
          data={users.data?.items.map(({ name }) => name) ?? []}
          limit={20}
          value={search.actor ?? ''}
          onChange={(actor) => set({ actor })}
        />
        <WordFilter by="action" value={search.action ?? ''} onChange={(action) => set({ action })} />
        <WordFilter by="kind" value={search.kind ?? ''} onChange={(kind) => set({ kind })} />
        <Autocomplete
          label={t('service')}
          data={services.data?.pages.flatMap(({ items }) => items.map(({ name }) => name)) ?? []}
          limit={20}
          value={search.service ?? ''}
          onChange={(service) => set({ service })}
        />
        <TextInput
          label={t('object')}
          value={search.object ?? ''}
          onChange={(event) => set({ object: event.currentTarget.value })}
        />
        <div className={classes.moment ?? ''}>
          <MomentField
            key={`from ${search.from === undefined}`}
            label={t('from')}
            value={search.from ?? null}
            onChange={(from) => set({ from })}
          />
        </div>
        <div className={classes.moment ?? ''}>
          <MomentField
            key={`to ${search.to === undefined}`}
            label={t('to')}
            value={search.to ?? null}
            onChange={(to) => set({ to })}
          />
        </div>
      </SimpleGrid>
      {Object.keys(filter).length > 0 && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={() => void navigate({ search: {}, resetScroll: false })}>
            {t('clear')}
          </Button>
        </Group>
      )}
    </Paper>
  )
}

/** An action or a kind, as the API names it. It is found by what it is called, too. */
function WordFilter({
  by,
  value,
  onChange,
}: {
  readonly by: Filtered
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const t = useT()
  const fits = (option: string, sought: string) =>
    `${option} ${wordFor(t, by, option)}`.toLowerCase().includes(sought.trim().toLowerCase())
  return (
    <Autocomplete
      label={t(by)}
      data={valuesOf(by)}
      filter={({ options, search }) => (options as ComboboxItem[]).filter(({ value }) => fits(value, search))}
      renderOption={({ option }) => (
        <Stack gap={0}>
          <Text size="sm">{wordFor(t, by, option.value)}</Text>
          <Text size="xs" c="dimmed" ff="monospace">
            {option.value}
          </Text>
        </Stack>
      )}
      value={value}
      onChange={onChange}
    />
  )
}
