import { useEffect } from 'react'

/**
 * The focus stays where one works. What has it can go away (a row that is deleted, a button that becomes a field, a page that is
 * left), or be switched off while something is being done; a browser then drops the focus, and who works by keyboard or listens
 * would begin anew at the top of the page. Whoever uses a mouse sees nothing of this.
 */
export function useKeptFocus(): void {
  useEffect(keepFocus, [])
}

/** What comes over other things, and goes with the focus in it. */
const LAYER = 'main, [role=dialog], [role=status], [role=alert]'
/** What can be said to be where somebody is. */
const SPOT = 'section, form, fieldset, main, [role=dialog], [role=group]'
const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex], [contenteditable=true]'
/** Dialogs and menus give the focus back by themselves, 10 ms after they close. */
const PATIENCE_MS = 50

interface Focused {
  readonly element: HTMLElement
  /** Of the page that it was on. */
  readonly heading: Element | null
  /** Where it was, once it is gone. */
  place: Place | null
}

interface Place {
  /** What went away with it. */
  readonly gone: Node
  readonly parent: Node
  readonly before: Node | null
  readonly after: Node | null
}

/** Watches the document until the returned function is called. */
function keepFocus(): () => void {
  // By layer, the latest last: what lies under a dialog is gone back to.
  const all = new Map<Element, Focused>()
  let isByPointer = false
  let timer = 0
  const remember = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return
    const layer = target.closest(LAYER) ?? document.body
    all.delete(layer)
    all.set(layer, { element: target, heading: heading(), place: null })
  }
  const restore = () => {
    if (isByPointer || !document.hasFocus() || document.activeElement !== document.body) return
    for (const [layer, focused] of [...all].reverse()) {
      const next = layer.isConnected ? successorOf(focused, layer) : null
      if (next === 'later') return
      if (next !== null) return next.focus()
      all.delete(layer)
    }
  }
  const observer = new MutationObserver((records) => {
    for (const focused of all.values()) for (const record of records) follow(focused, record)
    if (document.activeElement !== document.body) return
    clearTimeout(timer)
    timer = window.setTimeout(restore, PATIENCE_MS)
  })
  const byPointer = () => {
    isByPointer = true
  }
  const byKey = () => {
    isByPointer = false
  }
  document.addEventListener('focusin', remember)
  document.addEventListener('pointerdown', byPointer, true)
  document.addEventListener('keydown', byKey, true)
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] })
  return () => {
    document.removeEventListener('focusin', remember)
    document.removeEventListener('pointerdown', byPointer, true)
    document.removeEventListener('keydown', byKey, true)
    observer.disconnect()
    clearTimeout(timer)
  }
}

const heading = () => document.querySelector('main h1')

/** Takes down where something was when it went away, or what it was in. */
function follow(focused: Focused, record: MutationRecord): void {
  const last = focused.place?.parent ?? focused.element
  for (const gone of record.removedNodes)
    if (gone.contains(last))
      focused.place = { gone, parent: record.target, before: record.previousSibling, after: record.nextSibling }
}

/** What has the focus next; 'later' where that is to be seen when something is done, null for nothing in this layer. */
function successorOf({ element, heading: old, place }: Focused, layer: Element): HTMLElement | 'later' | null {
  if (element.isConnected) return isFocusable(element) ? element : 'later'
  // Another page begins with its heading, which may still be on its way.
  if (old?.isConnected === false) return prepared(heading()) ?? 'later'
  return place === null ? null : (twinOf(element, place) ?? nearest(place, layer))
}

/** The same thing of the row that has moved up, or of the last one; undefined where something else has come in its place. */
function twinOf(element: HTMLElement, { gone, parent, before, after }: Place): HTMLElement | undefined {
  const moved = before?.parentNode === parent ? before.nextSibling : before === null ? parent.firstChild : after
  const row = moved ?? before
  if (!(row instanceof HTMLElement && gone instanceof HTMLElement) || row.nodeName !== gone.nodeName) return undefined
  const twin = row.querySelectorAll<HTMLElement>(FOCUSABLE)[[...gone.querySelectorAll(FOCUSABLE)].indexOf(element)]
  return twin !== undefined && isFocusable(twin) ? twin : undefined
}

/** What comes next in the document, else what comes before, without leaving the part of the page that it was in; else that part. */
function nearest({ parent, before, after }: Place, layer: Element): HTMLElement | null {
  let [around, left, right] = [parent, before, after]
  while (around instanceof HTMLElement && layer.contains(around)) {
    const inside = [...around.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(isFocusable)
    const next = inside.find((one) => !isBefore(one, left))
    const found = next ?? inside.findLast((one) => right === null || isBefore(one, right))
    if (found !== undefined) return found
    if (around.matches(SPOT)) return prepared(around)
    left = right = around
    around = around.parentNode ?? document
  }
  return null
}

/** Whether something comes before a node in the document, or is in it. */
const isBefore = (element: Node, node: Node | null) =>
  node !== null &&
  (node.contains(element) || (node.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0)

const isFocusable = (element: HTMLElement) =>
  element.matches(':not(:disabled)') && element.tabIndex >= 0 && element.checkVisibility()

/** What is no field or button can have the focus too, where it is given. */
function prepared(element: Element | null): HTMLElement | null {
  if (!(element instanceof HTMLElement)) return null
  if (!element.hasAttribute('tabindex')) element.tabIndex = -1
  return element
}
