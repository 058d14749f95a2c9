import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { json, jsonParseLinter } from '@codemirror/lang-json'
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language'
import { linter, lintKeymap } from '@codemirror/lint'
import { Compartment, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'

/** CodeMirror for JSON. Loaded only where somebody edits some. */

export interface JsonCodeProps {
  readonly label: string
  /** Ids of what describes it. */
  readonly describedBy: string
  readonly value: string
  readonly readOnly: boolean
  readonly onChange: (value: string) => void
}

/** Both colour schemes at once: contrast is at least 4.5 to 1 in each. */
const scheme = (light: string, dark: string) =>
  `light-dark(var(--mantine-color-${light}), var(--mantine-color-${dark}))`

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: scheme('teal-8', 'teal-3') },
  { tag: tags.string, color: 'var(--mantine-color-green-text)' },
  { tag: tags.number, color: scheme('blue-8', 'blue-3') },
  { tag: [tags.bool, tags.null], color: scheme('grape-8', 'grape-3') },
  { tag: tags.invalid, color: scheme('red-8', 'red-4') },
])

const look = EditorView.theme({
  '&': {
    fontSize: 'var(--mantine-font-size-sm)',
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: 'var(--mantine-radius-default)',
    backgroundColor: 'var(--mantine-color-default)',
    color: 'var(--mantine-color-text)',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', maxHeight: '60vh', minHeight: '8em' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    backgroundColor: 'transparent',
    color: scheme('gray-7', 'dark-1'),
    border: 'none',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'light-dark(rgb(0 0 0 / 4%), rgb(255 255 255 / 5%))' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(rgb(11 114 133 / 20%), rgb(63 167 186 / 30%))',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--mantine-color-body)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--mantine-color-default-border)',
  },
})

/** JSON that is missing altogether is no mistake. */
const faults = linter((view) => (view.state.doc.toString().trim() === '' ? [] : jsonParseLinter()(view)))

export function JsonCode({ label, describedBy, value, readOnly, onChange }: JsonCodeProps) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<{ view: EditorView; changing: Compartment } | null>(null)
  // What it is given anew with each drawing; the editor itself is made once.
  const latest = useRef({ value, onChange })
  latest.current = { value, onChange }
  useEffect(() => {
    if (place.current === null) return
    const changing = new Compartment()
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          json(),
          faults,
          syntaxHighlighting(colours),
          look,
          EditorView.lineWrapping,
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            const text = update.state.doc.toString()
            if (update.docChanged && text !== latest.current.value) latest.current.onChange(text)
          }),
          changing.of([]),
        ],
      }),
    })
    editor.current = { view, changing }
    return () => {
      view.destroy()
      editor.current = null
    }
  }, [])
  useEffect(() => {
    const current = editor.current
    if (current === null) return
    current.view.dispatch({
      effects: current.changing.reconfigure([
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({
          'aria-label': label,
          'aria-describedby': describedBy,
          'aria-readonly': String(readOnly),
          // Escape gives Tab back to the page; the dialog that the editor is in stays open.
          'data-mantine-stop-propagation': 'true',
        }),
      ]),
    })
  }, [label, describedBy, readOnly])
  useEffect(() => {
    const view = editor.current?.view
    if (view === undefined || view.state.doc.toString() === value) return
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } })
  }, [value])
  return <div ref={place} />
}
