/** Lists that are edited in place. */

/** Items with their places, and keys made of those: they have nothing else that stays while they are edited. */
export const numbered = <T>(items: readonly T[]) => items.map((item, at) => [`item ${at}`, item, at] as const)

/** A list with another item in the place of one, or without it. */
export const replaced = <T>(items: readonly T[], at: number, item: T | null): T[] =>
  items.flatMap((one, i) => (i !== at ? [one] : item === null ? [] : [item]))
