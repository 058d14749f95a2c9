import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

/** The console without a mouse: what Tab does not lead to, nobody presses here, and where the focus is must be seen. */

/** More than any page has. */
const MOST_STOPS = 200
/** What is being drawn, or is on its way out, may take so long on a machine that does other things as well. */
const PATIENCE_MS = 10_000

/**
 * What is wrong with the place where the focus is; null for nothing. Of some fields there is only a picture to be seen: then it is
 * the picture, beside or around the field, that shows the focus. A text field shows it with its caret and its border.
 */
const FAULT = `(async () => {
  const isOutlined = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
  }
  const isOnScreen = (element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect()
    return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  }
  const placeOf = (element) => {
    const { top, bottom } = element.getBoundingClientRect()
    return 'from ' + top + ' to ' + bottom + ' of ' + innerHeight + ' px, scrolled by ' + scrollY
  }
  const faultOf = (focused) => {
    if (focused === null || focused === document.body) return null
    const { nextElementSibling, parentElement } = focused
    const pictures = [focused, nextElementSibling, parentElement, parentElement?.parentElement].filter(Boolean)
    const isText = focused.matches('input, textarea, select, [contenteditable]') && focused.offsetWidth > 20
    if (!pictures.some(isOnScreen)) return 'What has the focus is not on the screen (' + placeOf(focused) + '): '
    return isText || pictures.some(isOutlined) ? null : 'Nothing shows that this has the focus: '
  }
  const begun = performance.now()
  for (;;) {
    const fault = faultOf(document.activeElement)
    if (fault === null) return null
    if (performance.now() - begun > ${PATIENCE_MS}) return fault + document.activeElement.outerHTML.slice(0, 300)
    await new Promise(requestAnimationFrame)
  }
})()`

/**
 * What a page puts off to the next turn: where the focus goes in a dialog that opens, which entry of a list is meant. People are
 * slower than that, programs are not.
 */
const SETTLED = 'new Promise((settled) => setTimeout(settled, 0))'

/** Presses a key as people do: when what came of the last one is done. */
async function strike(page: Page, key: string): Promise<void> {
  await page.evaluate(SETTLED)
  await page.keyboard.press(key)
}

/** Goes on from where the focus is until it is there. Back with `key` Shift+Tab. */
export async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  // Of some fields there is only a picture to be seen.
  await target.first().waitFor({ state: 'attached' })
  const focused = target.and(page.locator(':focus'))
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.evaluate(SETTLED)
    assert.equal(await page.evaluate(FAULT), null)
    if ((await focused.count()) > 0) return
    // As it is written there: in an editor Tab is a character, unless Escape comes before it.
    if ((await page.locator('.cm-content:focus').count()) > 0) await page.keyboard.press('Escape')
    await page.keyboard.press(key)
  }
  assert.fail(`${key} does not lead to ${target}`)
}

export async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

/** Types into a field, in the place of what is there. */
export async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

/** Chooses from a list that opens. Where its entries come only then, what was gone to is not kept: one looks what the field says, and goes on. */
export async function choose(page: Page, field: Locator, option: string): Promise<void> {
  await tabTo(page, field)
  const wanted = page.getByRole('option', { name: option, exact: true })
  for (let stops = 0; (await field.inputValue()) !== option; stops++) {
    assert.ok(stops < MOST_STOPS, `${option} cannot be chosen`)
    if ((await field.getAttribute('aria-expanded')) !== 'true') await strike(page, 'ArrowDown')
    await wanted.waitFor()
    await page.evaluate(SETTLED)
    const active = await field.getAttribute('aria-activedescendant')
    const isThere = active !== null && active === (await wanted.getAttribute('id'))
    await page.keyboard.press(isThere ? 'Enter' : 'ArrowDown')
  }
}

/** Opens a menu, and does what an entry of it does. */
export async function pick(page: Page, button: Locator, entry: string): Promise<void> {
  await press(page, button)
  const wanted = page.getByRole('menuitem', { name: entry, exact: true })
  await wanted.waitFor()
  const focused = wanted.and(page.locator(':focus'))
  for (let stops = 0; stops < MOST_STOPS && (await focused.count()) === 0; stops++) await strike(page, 'ArrowDown')
  await hasFocus(page, wanted)
  await page.keyboard.press('Enter')
}

/** Waits until something has the focus without anybody having pressed Tab. */
export async function hasFocus(page: Page, target: Locator): Promise<void> {
  try {
    await target.and(page.locator(':focus')).waitFor({ state: 'attached', timeout: 30_000 })
  } catch {
    const focused = await page.evaluate<string>('document.activeElement?.outerHTML.slice(0, 300)')
    assert.fail(`The focus is not at ${target}, but at ${focused}`)
  }
}
