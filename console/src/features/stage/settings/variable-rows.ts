/** Variables while they are typed: rows in the order of the page, of which some have no name yet. */

export interface Row {
  /** What it is for React, whatever it is called meanwhile. */
  readonly key: number
  readonly name: string
  readonly value: string
}

type Variables = Readonly<Record<string, string>>

export function toRows(variables: Variables): Row[] {
  return Object.entries(variables).map(([name, value], key) => ({ key, name, value }))
}

/** The variables of rows; those without a name are none, and of two with one name the first counts. */
export function fromRows(rows: readonly Row[]): Record<string, string> {
  const named = rows.filter(({ name }) => name !== '')
  return Object.fromEntries(named.toReversed().map(({ name, value }) => [name, value]))
}

/** Whether rows stand for these variables. */
export function sameRows(rows: readonly Row[], variables: Variables): boolean {
  const own = fromRows(rows)
  const names = Object.keys(variables)
  return names.length === Object.keys(own).length && names.every((name) => own[name] === variables[name])
}
