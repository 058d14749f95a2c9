import { Alert, Button, Drawer, Group, ScrollArea, Stack, Tabs, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { ApiProblem, type FieldProblem } from '../../api/client.ts'
import { ChangedMeanwhile } from '../../api/save-part.ts'
import { ConflictAlert } from '../../components/conflict.tsx'
import { useAskToLeave } from '../../components/leave.tsx'
import { Markdown } from '../../components/markdown-text.tsx'
import { notifyDone } from '../../components/notify.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { OffersProvider } from '../../forms/form-context.tsx'
import { isObject, type JsonObject } from '../../forms/schema.ts'
import { SchemaForm } from '../../forms/schema-form.tsx'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { attachmentSchema, beginningOf } from './attachment.ts'
import { editedOf, type NodeRef, type Said, type Spot, saidWith } from './node.ts'
import classes from './plugin-drawer.module.css'
import { pluginsQuery, saveSaid } from './queries.ts'
import { useT } from './texts.ts'
import { useNodeOffers } from './use-offers.ts'

/** A plugin that somebody looks at. */
export interface OpenPlugin {
  readonly plugin: string
  readonly kind: 'own' | 'inherited' | 'override' | 'new'
  /** Where an inherited one comes from. */
  readonly from?: string
  /** What the node itself says of it; undefined for nothing. */
  readonly before: Said | undefined
  /** What is shown first; null for what a new one begins with. */
  readonly start: Said | null
}

interface PluginDrawerProps {
  readonly node: NodeRef
  readonly spot: Spot
  /** Null for none: the drawer is closed. */
  readonly open: OpenPlugin | null
  readonly isReadOnly: boolean
  readonly onOverride: () => void
  readonly onClose: () => void
}

type Definition = Awaited<ReturnType<NonNullable<typeof pluginsQuery.queryFn>>>['items'][number]

const NO_PROBLEMS: readonly FieldProblem[] = []

/** A plugin with its settings, options and documentation. */
export function PluginDrawer(props: PluginDrawerProps) {
  const common = useCommonT()
  const { ask, isAsking } = useAskToLeave()
  const [isDirty, setIsDirty] = useState(false)
  const { open, onClose } = props
  useBlocker({
    disabled: open === null,
    shouldBlockFn: () => isDirty && !window.confirm(common('confirm.leave')),
    enableBeforeUnload: isDirty,
  })
  const leave = () => {
    setIsDirty(false)
    onClose()
  }
  const close = () => {
    if (isDirty) ask(leave)
    else leave()
  }
  return (
    <Drawer
      opened={open !== null}
      onClose={close}
      closeOnEscape={!isAsking}
      position="right"
      size="lg"
      title={open?.plugin}
      styles={{ title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)' } }}
      closeButtonProps={{ 'aria-label': common('action.close') }}
      scrollAreaComponent={ScrollArea.Autosize}
    >
      {open !== null && <Content key={`${open.plugin} ${open.kind}`} {...props} open={open} onDirty={setIsDirty} />}
    </Drawer>
  )
}

interface ContentProps extends PluginDrawerProps {
  readonly open: OpenPlugin
  readonly onDirty: (isDirty: boolean) => void
}

function Content({ open, ...rest }: ContentProps) {
  const t = useT()
  const { onDirty } = rest
  // Whatever has closed it, what was typed is gone with it.
  useEffect(() => () => onDirty(false), [onDirty])
  const { data } = useQuery(pluginsQuery)
  const definition = data?.items.find(({ name }) => name === open.plugin)
  if (data === undefined || definition === undefined) return null
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {definition.summary}
      </Text>
      <Tabs defaultValue="settings" keepMounted>
        <Tabs.List>
          <Tabs.Tab value="settings">{t('plugin.settings')}</Tabs.Tab>
          <Tabs.Tab value="about">{t('plugin.about')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings" pt="md">
          <Settings open={open} definition={definition} {...rest} />
        </Tabs.Panel>
        <Tabs.Panel value="about" pt="md">
          <Markdown text={definition.docs === '' ? t('plugin.noDocs') : definition.docs} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

interface SettingsProps extends ContentProps {
  readonly definition: Definition
}

function Settings({ node, spot, open, definition, isReadOnly, onOverride, onClose, onDirty }: SettingsProps) {
  const t = useT()
  const common = useCommonT()
  const queries = useQueryClient()
  const { data } = useQuery(pluginsQuery)
  const offers = useNodeOffers(node, spot)
  const schema = useMemo(() => attachmentSchema(definition, data), [definition, data])
  const [before, setBefore] = useState(open.before)
  const [start, setStart] = useState<JsonObject>(() =>
    open.start === null ? beginningOf(definition) : editedOf(open.start),
  )
  const [edited, setEdited] = useState(start)
  const [isHeld, setIsHeld] = useState(false)
  const change = (next: unknown, from = start) => {
    const object = isObject(next) ? next : {}
    setEdited(object)
    onDirty(JSON.stringify(object) !== JSON.stringify(from))
  }
  const save = useMutation({
    mutationFn: (over: Said | undefined) => saveSaid(node, open.plugin, over, saidWith(open.plugin, edited)),
    async onSuccess() {
      onDirty(false)
      notifyDone(t('plugin.saved', { name: open.plugin }))
      await queries.invalidateQueries({ queryKey: ['services', node.service] })
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // A form in a portal is still inside of whatever form is around it.
    event.stopPropagation()
    if (!isHeld && !isReadOnly) save.mutate(before)
  }
  const { error } = save
  const errors = error instanceof ApiProblem ? error.errors : NO_PROBLEMS
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Hint open={open} onOverride={onOverride} isReadOnly={isReadOnly} />
        {open.kind === 'new' && (
          <Group>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => change({ ...edited, config: definition.example })}
            >
              {t('plugin.example')}
            </Button>
          </Group>
        )}
        <OffersProvider value={offers}>
          <SchemaForm
            schema={schema}
            value={edited}
            errors={errors}
            disabled={isReadOnly}
            onHold={setIsHeld}
            onChange={change}
          />
        </OffersProvider>
        {error instanceof ChangedMeanwhile ? (
          <ConflictAlert
            theirs={error.theirs}
            yours={saidWith(open.plugin, edited)}
            onTakeTheirs={() => {
              const said = theirsOf(error)
              const theirs = said === undefined ? beginningOf(definition) : editedOf(said)
              setBefore(said)
              setStart(theirs)
              change(theirs, theirs)
              save.reset()
            }}
            onOverwrite={() => {
              setBefore(theirsOf(error))
              save.mutate(theirsOf(error))
            }}
          />
        ) : (
          <ProblemAlert error={error} />
        )}
        {isHeld && (
          <Text size="sm" c="red" role="status">
            {t('plugin.heldBack')}
          </Text>
        )}
        {!isReadOnly && (
          <Group justify="end" className={classes.foot ?? ''}>
            <Button type="submit" loading={save.isPending} disabled={isHeld}>
              {common('action.save')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}

/** What the node says of the plugin now. */
const theirsOf = ({ theirs }: ChangedMeanwhile) => theirs as Said | undefined

/** Whose settings these are. */
function Hint({ open, isReadOnly, onOverride }: Pick<ContentProps, 'open' | 'isReadOnly' | 'onOverride'>) {
  const t = useT()
  const { kind, from = '' } = open
  if (kind === 'own' || (kind === 'inherited' && !isReadOnly)) return null
  const texts = {
    new: t('plugin.new'),
    override: t('plugin.overriding', { node: from }),
    inherited: t('plugin.inherited', { node: from }),
  }
  return (
    <Alert icon={<IconInfoCircle aria-hidden />} color="gray">
      <Stack gap="xs" align="start">
        <Text size="sm">{texts[kind]}</Text>
        {kind === 'inherited' && (
          <Button size="compact-sm" variant="default" onClick={onOverride}>
            {t('plugin.override')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}
