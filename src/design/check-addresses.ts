import type { Stage } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'
import { parsePath } from './paths.ts'

/** Everything wrong with where a stage is to be reached, beside other stages. */
export function checkAddresses({ domains, pathPrefix }: Pick<Stage, 'domains' | 'pathPrefix'>): Problem[] {
  return [
    ...domains.flatMap((domain, i) => [
      ...(domains.indexOf(domain) === i
        ? []
        : [{ path: `/domains/${i}`, message: `"${domain}" is there twice: keep one.` }]),
      ...(/^[\d.]+$/.test(domain)
        ? [
            {
              path: `/domains/${i}`,
              message: `"${domain}" is an address, not a name: clients that use it send no name to tell stages by.`,
            },
          ]
        : []),
    ]),
    ...(pathPrefix === null ? [] : checkPrefix(pathPrefix)),
  ]
}

/** Everything wrong with domains for a given base domain: the names below that are given to services and stages. */
export function checkDomainsBeside(domains: readonly string[], baseDomain: string): Problem[] {
  return domains.flatMap((domain, i) =>
    domain === baseDomain || domain.endsWith(`.${baseDomain}`)
      ? [
          {
            path: `/domains/${i}`,
            message: `"${domain}" is within the base domain ${baseDomain}, whose names go by services and stages: choose a name elsewhere, or start with another --base-domain.`,
          },
        ]
      : [],
  )
}

function checkPrefix(prefix: string): Problem[] {
  const { segments, problems } = parsePath(prefix)
  if (problems.length > 0) return problems.map(({ message }) => ({ path: '/pathPrefix', message }))
  return segments.every(({ kind }) => kind === 'literal')
    ? []
    : [{ path: '/pathPrefix', message: `"${prefix}" has a variable: a prefix is the same for all requests.` }]
}
