import { useMemo } from 'react'
import { useRead } from '../../api/use-read.ts'
import type { OfferedVariable, Offers } from '../../forms/form-context.tsx'
import { policiesQuery } from '../policies/queries.ts'
import { stagesQuery } from '../stage/queries.ts'
import type { NodeRef, Spot } from './node.ts'
import { pluginsQuery } from './queries.ts'

const PATH_VARIABLE = /\{([^{}]+)\}/g

/** What forms of a node can offer: context variables, with those of its path and of its stages by name; restriction policies. */
export function useNodeOffers({ service, stage }: NodeRef, { path }: Spot): Offers {
  const plugins = useRead(pluginsQuery)
  const stages = useRead(stagesQuery(service))
  const policies = useRead(policiesQuery(service))
  return useMemo(() => {
    const seen = (stages.data?.items ?? []).filter(
      ({ id, name }) => stage === undefined || id === stage || name === stage,
    )
    return {
      variables: withNames(plugins.data?.variables ?? [], {
        'request.path.NAME': [...path.matchAll(PATH_VARIABLE)].map(([, name = '']) => name),
        'stage.variable.NAME': [...new Set(seen.flatMap(({ variables }) => Object.keys(variables)))],
      }),
      policies: (policies.data?.items ?? []).map(({ name }) => name),
    }
  }, [plugins.data, stages.data, policies.data, path, stage])
}

/** Families of variables whose members are known are said by name; the others keep `NAME`. */
function withNames(
  variables: readonly OfferedVariable[],
  known: Readonly<Record<string, readonly string[]>>,
): OfferedVariable[] {
  return variables.flatMap((variable) => {
    const names = known[variable.name]
    return names === undefined
      ? [variable]
      : names.map((name) => ({ ...variable, name: variable.name.replace('NAME', name) }))
  })
}
