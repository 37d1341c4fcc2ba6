import { describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../support/patience.js';
import { NO_CHROMIUM, rowOf, shows, useBrowser } from './browser.js';
import { ADMIN_TOKEN, PageServer, run } from './page-server.js';

const browser = useBrowser();
type Page = Awaited<ReturnType<typeof browser.open>>['page'];

/** What the element with the focus is called, and whether one can see that it has it. */
const FOCUS = `(() => {
  const element = document.activeElement;
  const label = element.closest('label');
  const outlined = [element, label].some((one) => one !== null && getComputedStyle(one).outlineStyle !== 'none');
  const text = element.getAttribute('aria-label') ?? (label ?? element).textContent;
  return { text: text.replace(/\\s+/g, ' ').trim(), seen: outlined };
})()`;

/** Presses Tab until that element has the focus, and sees that one can see where it is. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate<{ text: string; seen: boolean }>(FOCUS);
    if (focus.text !== '') expect(focus.seen, focus.text).toBe(true);
    if (focus.text === name) return;
  }
  throw new Error(`Tab never came to '${name}'`);
}

describe.skipIf(NO_CHROMIUM)('the page without a mouse', () => {
  it('filters, opens a circuit, and acts', async () => {
    await using server = await new PageServer({ adminToken: ADMIN_TOKEN }).start();
    const circuit = server.circuit('retell');
    await run(circuit, 0, 3);
    for (const name of ['ghl', 'lyrio', 'sendgrid']) server.circuit(name);
    const { page, complaints } = await browser.open(server.url);
    await rowOf(page, 'retell').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('ret');
    await shows(page.locator('#shown'), '1 of 4');
    await tabTo(page, 'retell');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Reset… retell');
    await page.keyboard.press('Enter');
    await shows(page.locator('dialog[open] h2'), 'Reset retell?');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog').isVisible()).toBe(false);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Reset… retell');
    await page.keyboard.press('Enter');
    await page.keyboard.type(ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await shows(rowOf(page, 'retell').locator('.state'), 'Closed');
    expect(circuit.state).toBe('closed');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows one state only, by the arrow keys, and sorts by a column', async () => {
    await using server = await new PageServer().start();
    for (const name of ['a', 'b', 'c']) await run(server.circuit(name), name === 'b' ? 5 : 1, name === 'c' ? 3 : 0);
    const { page } = await browser.open(server.url);
    const names = (): Promise<readonly string[]> => page.locator('.expander').allTextContents();
    await expect.poll(names, { timeout: PATIENCE_MS }).toEqual(['c', 'a', 'b']);
    await tabTo(page, 'All3');
    await page.keyboard.press('ArrowRight');
    await expect.poll(names, { timeout: PATIENCE_MS }).toEqual(['c']);
    await page.keyboard.press('ArrowLeft');
    await tabTo(page, 'Req/s');
    await page.keyboard.press('Enter');
    await expect.poll(names, { timeout: PATIENCE_MS }).toEqual(['b', 'c', 'a']);
    expect(await page.getByRole('columnheader', { name: 'Req/s' }).getAttribute('aria-sort')).toBe('descending');
    await page.context().close();
  });

  it('moves no row away from under the focus, and all once it has left', async () => {
    await using server = await new PageServer().start();
    for (const name of ['a', 'b', 'c']) server.circuit(name);
    const { page } = await browser.open(server.url);
    const names = (): Promise<readonly string[]> => page.locator('.expander').allTextContents();
    await rowOf(page, 'a').locator('.expander').focus();
    server.registry.get('c')?.forceOpen();
    await shows(rowOf(page, 'c').locator('.state'), 'Forced open');
    await shows(page.locator('#shown'), 'in the old order while you are here');
    expect(await names()).toEqual(['a', 'b', 'c']);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('a');
    await page.locator('#search').focus();
    await expect.poll(names, { timeout: PATIENCE_MS }).toEqual(['c', 'a', 'b']);
    await page.context().close();
  });

  it('is light or dark as the system says, or as someone chose', async () => {
    await using server = await new PageServer().start();
    const { page } = await browser.open(server.url, { colorScheme: 'dark', reducedMotion: 'reduce' });
    const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await tabTo(page, 'Theme: auto');
    await page.keyboard.press('Enter');
    await shows(page.locator('#theme'), 'Theme: light');
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await ground()).toBe(light);
    await page.locator('#theme').click();
    expect(await ground()).toBe(dark);
    expect(await page.evaluate('getComputedStyle(document.querySelector("#toast")).animationName')).toBe('none');
    await page.context().close();
  });
});
