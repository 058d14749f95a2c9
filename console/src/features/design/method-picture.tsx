import { Anchor, Text, UnstyledButton } from '@mantine/core'
import {
  IconArrowRight,
  IconDeviceLaptop,
  IconFilter,
  IconFilterCheck,
  type IconProps,
  IconServer2,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ComponentType, ReactNode } from 'react'
import type { Method } from '../../api/model.ts'
import { useRead } from '../../api/use-read.ts'
import { useUnits } from '../../i18n/use-units.ts'
import type { NodeRef } from '../plugins/node.ts'
import { effectiveQuery, pluginsQuery } from '../plugins/queries.ts'
import { stagesQuery } from '../stage/queries.ts'
import { useDesign } from './design-context.tsx'
import type { MethodPart } from './method-panel.tsx'
import classes from './method-picture.module.css'
import { methodStatisticsQuery } from './queries.ts'
import { useT } from './texts.ts'

interface MethodPictureProps {
  readonly node: NodeRef
  readonly methodId: string
  /** As it is being edited. */
  readonly backend: Method['backend']
  readonly parameters: number
  readonly shown: MethodPart | undefined
  readonly onShow: (part: MethodPart) => void
}

/** The way of a request and back as four boxes, with what the last hour has brought. Each box opens what it stands for. */
export function MethodPicture({ node, methodId, backend, parameters, shown, onShow }: MethodPictureProps) {
  const t = useT()
  const units = useUnits()
  const { service } = useDesign()
  const live = useLiveFigures(methodId)
  // Of no calls there is nothing more to tell.
  const figures = live?.figures?.calls === 0 ? undefined : live?.figures
  const sides = useSides(node)
  // A stage that does not have the method yet has nothing for it: that is said where its plugins are.
  const effective = useRead(effectiveQuery(node))
  return (
    <figure className={classes.figure} aria-label={t('picture.label')}>
      <div className={classes.way}>
        <Box
          icon={IconDeviceLaptop}
          title={t('picture.client')}
          isShown={shown === 'parameters'}
          onClick={() => onShow('parameters')}
          numbers={live?.figures && t('picture.calls', { count: live.figures.calls })}
        >
          {t('picture.parameters', { count: parameters })}
        </Box>
        <Arrow />
        <Box
          icon={IconFilter}
          title={t('picture.request')}
          isShown={shown === 'plugins'}
          onClick={() => onShow('plugins')}
          numbers={figures && t('picture.byGateway', { count: figures.byGateway })}
        >
          <Names names={sides?.request} />
        </Box>
        <Arrow />
        <Box
          icon={IconServer2}
          title={t('picture.backend')}
          isShown={shown === 'backend'}
          onClick={() => onShow('backend')}
          numbers={figures && t('picture.p99', { time: units.ms(figures.backendLatency.p99Ms) })}
        >
          <BackendSays backend={backend} targets={effective.data?.backend?.targets.map(({ url }) => url)} />
        </Box>
        <Arrow />
        <Box
          icon={IconFilterCheck}
          title={t('picture.response')}
          isShown={false}
          onClick={() => onShow('plugins')}
          numbers={
            figures && (
              <>
                {t('picture.p99', { time: units.ms(figures.latency.p99Ms) })}
                {' · '}
                <Text span inherit c={figures.failures > 0 ? 'var(--mantine-color-error)' : 'inherit'}>
                  {t('picture.errors', { count: figures.failures })}
                </Text>
              </>
            )
          }
        >
          <Names names={sides?.response} />
        </Box>
      </div>
      <div className={classes.back} aria-hidden>
        <span>{t('picture.back')}</span>
      </div>
      <figcaption>
        <Text size="xs" c="dimmed">
          {live === null ? (
            t('picture.notLive')
          ) : (
            <>
              {t('picture.lastHour', { stage: live.stage })}{' '}
              <Anchor
                component={Link}
                inherit
                underline="always"
                to={`/services/${service}/stages/${live.stage}/dashboard`}
                search={{ route: methodId } as never}
              >
                {t('picture.dashboard')}
              </Anchor>
            </>
          )}
        </Text>
      </figcaption>
    </figure>
  )
}

interface BoxProps {
  readonly icon: ComponentType<IconProps>
  readonly title: string
  readonly isShown: boolean
  readonly numbers: ReactNode
  readonly onClick: () => void
  readonly children: ReactNode
}

function Box({ icon: Icon, title, isShown, numbers, onClick, children }: BoxProps) {
  return (
    <UnstyledButton className={classes.box ?? ''} data-shown={isShown || undefined} onClick={onClick}>
      <span className={classes.title}>
        <Icon size={16} aria-hidden /> {title}
      </span>
      <span className={classes.content}>{children}</span>
      {numbers !== undefined && <span className={classes.numbers}>{numbers}</span>}
    </UnstyledButton>
  )
}

const Arrow = () => <IconArrowRight className={classes.arrow} size={18} aria-hidden />

/** What fits into a box. */
const NAMES = 3

function Names({ names }: { readonly names: readonly string[] | undefined }) {
  const t = useT()
  if (names === undefined) return null
  if (names.length === 0) return <>{t('picture.noPlugins')}</>
  const more = names.length - NAMES
  return (
    <>
      {names.slice(0, NAMES).join(', ')}
      {more > 0 && ` ${t('picture.more', { count: more })}`}
    </>
  )
}

function BackendSays({
  backend,
  targets = [],
}: {
  readonly backend: Method['backend']
  readonly targets: readonly string[] | undefined
}) {
  const t = useT()
  if (backend.kind === 'mock') return <>{t('picture.mock', { status: backend.status ?? 200 })}</>
  return (
    <>
      {targets.length > 0 && `${targets.join(', ')} `}
      {backend.path ?? t('picture.ownPath')}
    </>
  )
}

/** The effective plugins of a method by the way that they work on, each in the order in which they run there. */
function useSides(node: NodeRef) {
  const effective = useRead(effectiveQuery(node))
  const plugins = useRead(pluginsQuery)
  if (effective.data === undefined || plugins.data === undefined) return undefined
  const sidesOf = new Map(plugins.data.items.map(({ name, sides }) => [name, sides]))
  const names = effective.data.plugins.map(({ plugin }) => plugin)
  return {
    request: names.filter((name) => sidesOf.get(name)?.includes('request') ?? true),
    // Answers pass them the other way round.
    response: names.filter((name) => sidesOf.get(name)?.includes('response')).toReversed(),
  }
}

/** The last hour on the stage that is shown or, with the draft, on the default stage or one that is live; null where none is. */
function useLiveFigures(methodId: string) {
  const { service, stage } = useDesign()
  const stages = useRead(stagesQuery(service))
  const live = stages.data?.items.filter(({ deploymentId }) => deploymentId !== null) ?? []
  const shown =
    stage === undefined ? (live.find(({ isDefault }) => isDefault) ?? live[0]) : live.find(({ name }) => name === stage)
  const figures = useRead({
    ...methodStatisticsQuery(service, shown?.name ?? '', methodId),
    enabled: shown !== undefined,
  })
  return shown === undefined ? null : { stage: shown.name, figures: figures.data }
}
