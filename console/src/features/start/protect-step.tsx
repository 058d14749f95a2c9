import { Button, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Copyable } from '../../components/command.tsx'
import { Faces } from '../../components/faces.tsx'
import { Deploy } from '../deployments/deploy.tsx'
import { keysQuery } from '../keys/queries.ts'
import { plansQuery } from '../plans/queries.ts'
import { saidOf } from '../plugins/node.ts'
import { type OpenPlugin, PluginDrawer } from '../plugins/plugin-drawer.tsx'
import { effectiveQuery, ownPluginsQuery } from '../plugins/queries.ts'
import { changesQuery, rootQuery, stageQuery } from '../stage/queries.ts'
import { useT } from './texts.ts'

interface ProtectStepProps {
  readonly service: string
  readonly stage: string
  /** Where programs reach the stage. */
  readonly url: string
}

/** From an API that everybody may call to one that asks for a key and bounds each caller: what is done, and what is next. */
export function ProtectStep({ service, stage, url }: ProtectStepProps) {
  const t = useT()
  const root = useQuery(rootQuery(service))
  return (
    <Stack mt="md">
      <Title order={2} size="h4">
        {t('protect')}
      </Title>
      <Text>{t('protectLead', { stage: `${service}/${stage}` })}</Text>
      <Faces query={root}>{({ id }) => <Checklist {...{ service, stage, url }} rootId={id} />}</Faces>
    </Stack>
  )
}

function Checklist({ service, stage, url, rootId }: ProtectStepProps & { readonly rootId: string }) {
  const t = useT()
  const node = { service, resourceId: rootId, stage }
  const { data: effective } = useQuery(effectiveQuery(node))
  const { data: seen } = useQuery(stageQuery(service, stage))
  const { data: changes } = useQuery(changesQuery(service, stage))
  const stageId = seen?.value.id ?? ''
  const plans = useQuery({ ...plansQuery(stageId), enabled: stageId !== '' })
  const keys = useInfiniteQuery({ ...keysQuery({ stageId }), enabled: stageId !== '' })
  const runs = (plugin: string) => effective?.plugins.some((one) => one.plugin === plugin) === true
  const hasPlan = (plans.data?.items.length ?? 0) > 0
  const hasKey = (keys.data?.pages[0]?.items.length ?? 0) > 0
  const isProtected = runs('key-auth') && runs('rate-limit')
  const isLive = isProtected && changes?.live?.length === 0
  const header = headerOf(effective?.plugins.find(({ plugin }) => plugin === 'key-auth')?.config)
  return (
    <Stack component="ol" gap="lg" p={0} m={0} style={{ listStyle: 'none' }}>
      <Item title={t('askForKey')} hint={t('askForKeyHint')} isDone={runs('key-auth')}>
        {!runs('key-auth') && <AddPlugin node={node} plugin="key-auth" />}
      </Item>
      <Item title={t('limit')} hint={t('limitHint')} isDone={runs('rate-limit')}>
        {!runs('rate-limit') && <AddPlugin node={node} plugin="rate-limit" />}
      </Item>
      <Item title={t('deployIt')} hint={t('deployItHint')} isDone={isLive}>
        {seen !== undefined && isProtected && <Deploy service={service} stage={seen} />}
      </Item>
      <Item title={t('makePlan')} hint={t('makePlanHint', { stage: `${service}/${stage}` })} isDone={hasPlan}>
        <To to="/plans">{t('toPlans')}</To>
      </Item>
      <Item title={t('makeKey')} hint={t('makeKeyHint', { stage: `${service}/${stage}` })} isDone={hasKey}>
        <To to="/keys">{t('toKeys')}</To>
      </Item>
      <Item title={t('callWithKey')} hint={t('callWithKeyHint')}>
        <Copyable text={`curl -i -H '${header}: VALUE' '${url}/'`} />
      </Item>
      <Item title={t('goWatch')} hint={t('goWatchHint')}>
        <To to={`/services/${service}/stages/${stage}/dashboard`}>{t('toDashboard')}</To>
      </Item>
    </Stack>
  )
}

/** The header that the plugin looks into. Its config is the server's to judge, so that any may come. */
function headerOf(config: unknown): string {
  return typeof config === 'object' && config !== null && 'header' in config ? String(config.header) : 'x-api-key'
}

interface ItemProps {
  readonly title: string
  readonly hint: string
  /** Left out for what is never over. */
  readonly isDone?: boolean
  /** How to do it. */
  readonly children: ReactNode
}

function Item({ title, hint, isDone = false, children }: ItemProps) {
  const t = useT()
  return (
    <Group component="li" wrap="nowrap" align="start" gap="sm">
      <ThemeIcon radius="xl" size={26} variant={isDone ? 'filled' : 'default'}>
        {isDone && <IconCheck size={16} role="img" aria-label={t('isDone')} />}
      </ThemeIcon>
      <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
        <Title order={3} size="h6">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
        <div>{children}</div>
      </Stack>
    </Group>
  )
}

function To({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  return (
    <Button component={Link} to={to} size="xs" variant="default">
      {children}
    </Button>
  )
}

interface AddPluginProps {
  readonly node: { readonly service: string; readonly resourceId: string; readonly stage: string }
  readonly plugin: string
}

/** Opens the form of a plugin that all of a stage is to have. */
function AddPlugin({ node, plugin }: AddPluginProps) {
  const t = useT()
  const { data: own } = useQuery(ownPluginsQuery(node))
  const [open, setOpen] = useState<OpenPlugin | null>(null)
  return (
    <>
      <Button
        size="xs"
        loading={own === undefined}
        onClick={() => setOpen({ plugin, kind: 'new', before: saidOf(own?.lists ?? [], plugin), start: null })}
      >
        {t('addPlugin', { plugin })}
      </Button>
      {open !== null && own !== undefined && (
        <PluginDrawer
          node={node}
          spot={own.spot}
          open={open}
          isReadOnly={false}
          onOverride={() => undefined}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  )
}
