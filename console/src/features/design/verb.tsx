import classes from './verb.module.css'

/** An HTTP method, in its colour; the word says it, too. */
export function Verb({ verb, isWide = false }: { readonly verb: string; readonly isWide?: boolean }) {
  return (
    <span className={classes.verb} data-verb={verb} data-wide={isWide || undefined}>
      {verb}
    </span>
  )
}
