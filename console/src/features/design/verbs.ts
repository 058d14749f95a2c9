import type { Method } from '../../api/model.ts'

/** The methods that a design may have: the compiler sees to it that none of the API's is missing. */
const known: Readonly<Record<Method['verb'], true>> = {
  GET: true,
  POST: true,
  PUT: true,
  PATCH: true,
  DELETE: true,
  HEAD: true,
  OPTIONS: true,
  ANY: true,
}

export const verbs = Object.keys(known) as readonly Method['verb'][]
