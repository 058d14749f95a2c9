import classes from './scroll-text.module.css'

interface ScrollTextProps {
  /** What it is, for those who do not see it. */
  readonly label: string
  readonly text: string
}

/** A text of a program in a box of its own: a body, a head, JSON. What does not fit scrolls, by keyboard too (WCAG 2.1.1). */
export function ScrollText({ label, text }: ScrollTextProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className={classes.box} tabIndex={0} aria-label={label}>
      <pre className={classes.text}>{text}</pre>
    </section>
  )
}
