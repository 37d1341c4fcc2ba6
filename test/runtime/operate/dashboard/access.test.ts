import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fits, NO_CHROMIUM, shows, useBrowser } from './browser.js';
import { ADMIN_TOKEN, PageServer, run, TOKEN } from './page-server.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = useBrowser();
let server: PageServer;

/** 200 circuits of every standing. */
beforeAll(async () => {
  server = await new PageServer({ adminToken: ADMIN_TOKEN }).start();
  for (let n = 0; n < 200; n++) {
    const circuit = server.circuit(
      `${['ghl', 'sendgrid', 'retell', 'lyrio'][n % 4]}@tenant-${n}.example.com`,
      ['ghl', 'sendgrid', 'retell', 'lyrio'][n % 4],
    );
    await run(circuit, n % 5, n % 20 === 0 ? 3 : n % 13 === 0 ? 1 : 0);
    if (n === 7) circuit.forceOpen();
    if (n === 8) circuit.forceClosed();
    if (n === 9) circuit.metricsOnly();
  }
  const probed = server.registry.obtain('probed', 'probed', { failureThreshold: 1, recoveryTimeoutMs: 0 });
  await run(probed, 0, 1);
  server.circuit('follower');
  server.registry.follow('follower', ['ghl@tenant-0.example.com']);
});
afterAll(() => server[Symbol.asyncDispose]());

/** What axe finds, serious and critical, as `rule: element`. It needs to be let in past the page's own policy. */
async function faults(page: Awaited<ReturnType<typeof browser.open>>['page'], part = 'html'): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate<AxeResults>(`axe.run('${part}', { resultTypes: ['violations'] })`);
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`));
}

describe.skipIf(NO_CHROMIUM)('everybody can use the page', () => {
  it.each([
    ['light', 1280, ''],
    ['dark', 360, ''],
    // What is looked at is looked at for each row: a few of every kind show the same.
    ['dark', 1280, 'tenant-19'],
    ['light', 360, 'tenant-19'],
  ] as const)('%s, %d pixels wide, with 200 circuits, or those that match %j', async (colorScheme, width, text) => {
    const { page, complaints } = await browser.open(server.url, { colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
    await shows(page.locator('#shown'), '202');
    await page.locator('#search').fill(text);
    await page.locator('.expander').first().click();
    expect(await fits(page)).toBe(true);
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Unlock actions' }).click();
    await page.locator('dialog[open]').waitFor();
    expect(await faults(page, 'dialog')).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('%s, where it asks for a token, and where the connection is lost', async (colorScheme) => {
    await using guarded = await new PageServer({ token: TOKEN }).start();
    await run(guarded.circuit('ghl'), 1, 3);
    const { page } = await browser.open(guarded.url, { colorScheme, bypassCSP: true });
    await page.locator('#signin').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByLabel('Token', { exact: true }).fill(TOKEN);
    await page.getByRole('button', { name: 'Show the circuits' }).click();
    await shows(page.locator('#banner'), 'ghl is down');
    await guarded.stop();
    await shows(page.locator('#link'), 'Connection lost');
    expect(await faults(page)).toEqual([]);
    await page.context().close();
  });
});
