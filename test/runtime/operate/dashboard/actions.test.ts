import { describe, expect, it } from 'vitest';
import { NO_CHROMIUM, rowOf, shows, useBrowser } from './browser.js';
import { ADMIN_TOKEN, PageServer, TOKEN } from './page-server.js';

const browser = useBrowser();
type Page = Awaited<ReturnType<typeof browser.open>>['page'];

async function ask(page: Page, circuit: string, button: string): Promise<void> {
  const row = rowOf(page, circuit);
  if ((await row.locator('.expander').getAttribute('aria-expanded')) === 'false') await row.locator('.expander').click();
  await row.getByRole('button', { name: `${button} ${circuit}` }).click();
  await page.locator('dialog[open]').waitFor();
}

async function stored(page: Page): Promise<string> {
  return page.evaluate<string>('JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie, location.href])');
}

describe.skipIf(NO_CHROMIUM)('actions of the page', () => {
  it('are done with the admin token and not without it', async () => {
    await using server = await new PageServer({ token: TOKEN, adminToken: ADMIN_TOKEN }).start();
    const circuit = server.circuit('ghl/contacts');
    const { page, complaints, asked } = await browser.open(server.url);
    await page.getByLabel('Token', { exact: true }).fill('a-token-that-is-wrong');
    await page.getByRole('button', { name: 'Show the circuits' }).click();
    await shows(page.locator('#signin-error'), 'does not know this token');
    expect(await page.locator('#content').isVisible()).toBe(false);
    await page.getByLabel('Token', { exact: true }).fill(TOKEN);
    await page.getByRole('button', { name: 'Show the circuits' }).click();
    await ask(page, 'ghl/contacts', 'Force open…');
    const dialog = page.locator('dialog');
    await shows(dialog.locator('h2'), 'Force ghl/contacts open?');
    const submit = dialog.getByRole('button', { name: 'Force ghl/contacts open' });
    await submit.click();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel('Admin token').fill(TOKEN);
    await submit.click();
    await shows(dialog.locator('[role=alert]'), 'not the admin token');
    expect(circuit.state).toBe('closed');
    await dialog.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await submit.click();
    await shows(rowOf(page, 'ghl/contacts').locator('.state'), 'Forced open');
    expect(circuit.snapshot().forced).toBe('open');
    await shows(page.locator('#toast'), 'ghl/contacts was forced open');
    expect(await dialog.isVisible()).toBe(false);
    for (const [button, submitted, forced, state] of [
      ['Force closed…', 'Force ghl/contacts closed', 'closed', 'Forced closed'],
      ['Reset…', 'Reset ghl/contacts', null, 'Closed'],
    ] as const) {
      await ask(page, 'ghl/contacts', button);
      expect(await dialog.getByLabel('Admin token').isVisible()).toBe(false);
      await dialog.getByRole('button', { name: submitted }).click();
      await shows(rowOf(page, 'ghl/contacts').locator('.state'), state);
      expect(circuit.snapshot().forced).toBe(forced);
    }
    expect(complaints).toEqual([]);
    expect(asked.join(' ')).not.toMatch(new RegExp(`${TOKEN}|${ADMIN_TOKEN}`));
    expect(await stored(page)).not.toMatch(/token-of-the-tests/);
    await page.reload();
    await page.locator('#signin').waitFor();
    await page.context().close();
  });

  it('reset all circuits, after a question', async () => {
    await using server = await new PageServer({ adminToken: ADMIN_TOKEN }).start();
    const circuits = ['ghl', 'retell', 'lyrio'].map((name) => server.circuit(name));
    for (const circuit of circuits) circuit.forceOpen();
    const { page } = await browser.open(server.url);
    await page.getByRole('button', { name: 'Reset all…' }).click();
    await shows(page.locator('dialog h2'), 'Reset all 3 circuits?');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(circuits.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    await page.getByRole('button', { name: 'Reset all…' }).click();
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Reset all circuits' }).click();
    await shows(page.locator('#banner'), 'All 3 circuits are closed');
    expect(circuits.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
    await page.context().close();
  });

  it('are not offered where the server has none', async () => {
    await using server = await new PageServer().start();
    server.circuit('ghl');
    const { page, complaints } = await browser.open(server.url);
    await rowOf(page, 'ghl').locator('.expander').click();
    await rowOf(page, 'ghl').getByText('What callers got instead').waitFor();
    for (const name of ['Reset… ghl', 'Force open… ghl', 'Force closed… ghl', 'Reset all…', 'Unlock actions'])
      expect(await page.getByRole('button', { name }).isVisible(), name).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('are unlocked by the admin token that someone signed in with, kept for the tab where they ask for it, and locked again', async () => {
    await using server = await new PageServer({ token: TOKEN, adminToken: ADMIN_TOKEN }).start();
    server.circuit('ghl');
    const { page, complaints } = await browser.open(server.url);
    await page.getByLabel('Token', { exact: true }).fill(ADMIN_TOKEN);
    await page.locator('#signin').getByLabel('Keep it until this tab is closed').check();
    await page.getByRole('button', { name: 'Show the circuits' }).click();
    await page.getByRole('button', { name: 'Lock actions' }).waitFor();
    expect(await stored(page)).toContain(ADMIN_TOKEN);
    await page.reload();
    await page.getByRole('button', { name: 'Lock actions' }).click();
    await page.getByRole('button', { name: 'Unlock actions' }).waitFor();
    await ask(page, 'ghl', 'Reset…');
    expect(await page.getByLabel('Admin token').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('say so where another process may have taken them', async () => {
    await using watched = await new PageServer({ adminToken: ADMIN_TOKEN }).start();
    watched.circuit('ghl');
    const { page } = await browser.open(watched.url);
    await rowOf(page, 'ghl').waitFor();
    // A balancer would send it to whichever replica is next.
    await page.route('**/circuit-breakers/**', (route) => route.fulfill({ status: 200, json: { action: 'force_open' } }));
    await ask(page, 'ghl', 'Force open…');
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Force ghl open' }).click();
    await shows(page.locator('#toast'), 'another process may have received the request');
    await page.context().close();
  });
});
