import { describe, expect, it } from 'vitest';
import { NIGHTLY } from '../../../support/nightly.js';
import { fits, NO_CHROMIUM, rowOf, shows, useBrowser } from './browser.js';
import { PageServer, run } from './page-server.js';

const browser = useBrowser();

describe.skipIf(NO_CHROMIUM)('the page in a browser', () => {
  it('shows an outage from its beginning to its end', async () => {
    await using server = await new PageServer().start();
    const circuit = server.registry.obtain('ghl', 'ghl', { failureThreshold: 3, recoveryTimeoutMs: 60_000 });
    await run(circuit, 5);
    const { page, complaints, asked } = await browser.open(server.url);
    const banner = page.locator('#banner');
    await shows(banner, 'The circuit is closed');
    await run(circuit, 0, 3);
    await run(circuit, 4);
    await shows(banner, /ghl is down since \d\d:\d\d \(\d+ s\)callers get an immediate error · next probe in \d+ s/);
    await shows(rowOf(page, 'ghl'), /Openprobes in/);
    await shows(rowOf(page, 'ghl'), 'error ×3');
    await shows(page.locator('#timeline'), 'ghl opened: 3 failures in a row (error)');
    await shows(page.locator('#live'), 'ghl opened');
    expect(await page.title()).toBe('(1 down) Circuits');
    circuit.reset();
    await shows(banner, /The circuit is closedLast outage: ghl/);
    await shows(rowOf(page, 'ghl').locator('.state'), /^Closed$/);
    expect(await page.title()).toBe('Circuits');
    expect(complaints).toEqual([]);
    expect(new Set(asked.map((address) => new URL(address).origin))).toEqual(new Set([server.origin]));
    await page.context().close();
  });

  it('shows each change as it happens, without asking again', async () => {
    await using server = await new PageServer().start();
    const circuit = server.circuit('ghl');
    const { page, asked } = await browser.open(server.url);
    await shows(rowOf(page, 'ghl').locator('.state'), 'Closed');
    await page.evaluate(`
      globalThis.seen = [];
      new MutationObserver(() => seen.push(Date.now())).observe(document.querySelector('.circuit .word'), { childList: true });
    `);
    const before = [...asked];
    const changedAt: number[] = [];
    for (let n = 0; n < 10; n++) {
      changedAt.push(Date.now());
      if (n % 2 === 0) circuit.forceOpen();
      else circuit.reset();
      await shows(rowOf(page, 'ghl').locator('.state'), n % 2 === 0 ? 'Forced open' : 'Closed');
    }
    const seen = await page.evaluate<number[]>('seen');
    expect(seen).toHaveLength(10);
    expect(asked).toEqual(before);
    // By night the machine has nothing else to do. The page and the server run on it: their clocks are one.
    const delays = seen.map((at, n) => at - (changedAt[n] ?? 0)).sort((a, b) => a - b);
    if (NIGHTLY) expect(delays[5]).toBeLessThan(1_000);
    await page.context().close();
  });

  it('says of many whose they are, and shows their whole names', async () => {
    await using server = await new PageServer().start();
    for (let n = 0; n < 6; n++) await run(server.circuit(`retell/calls.operation-with-a-long-name-${n}`, 'retell'), 0, 3);
    for (const name of ['ghl', 'lyrio']) await run(server.circuit(name), 0, 3);
    await run(server.circuit('sendgrid/mail.operation-with-a-long-name-that-is-well', 'sendgrid'), 1);
    const { page } = await browser.open(server.url);
    await shows(page.locator('#banner'), /8 of 9 circuits are downretell \(6\), ghl, lyrio\. The 3 worst:/);
    const cut = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.expander > span')].filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent)",
    );
    expect(cut).toEqual(['sendgrid/mail.operation-with-a-long-name-that-is-well']);
    await page.context().close();
  });

  it('shows names as they are, and never as markup', async () => {
    await using server = await new PageServer().start();
    const hostile = [
      '<img src=x onerror=alert(1)>',
      '"><script>document.title="stolen"</script>',
      'javascript:alert(1)//',
      '</script><b>bold</b>',
      '__proto__',
      'constructor',
      '../../etc/passwd?x=1#y',
      'a'.repeat(300),
      '\u202Etxet desrever',
    ];
    for (const name of hostile) await run(server.circuit(name), 1, 3);
    const { page, complaints, asked } = await browser.open(server.url);
    await shows(page.locator('#shown'), String(hostile.length));
    const names = await page.locator('.expander').evaluateAll((buttons) => buttons.map(({ textContent }) => textContent?.trim()));
    expect(new Set(names)).toEqual(new Set(hostile));
    await page.locator('.expander').first().click();
    await page.locator('#banner').getByRole('button', { name: 'Details' }).first().click();
    expect(await page.locator('#content img, #content script, #content b:not(.answers b):not(.tiles b)').count()).toBe(0);
    expect(await page.title()).toBe(`(${hostile.length} down) Circuits`);
    expect(await fits(page)).toBe(true);
    expect(complaints).toEqual([]);
    expect(asked.every((address) => address.startsWith(server.origin))).toBe(true);
    await page.context().close();
  });

  it('says that the connection is lost, since when, and comes back by itself', async () => {
    await using server = await new PageServer().start();
    const circuit = server.circuit('ghl');
    const { page } = await browser.open(server.url);
    await shows(page.locator('#link'), /Live · \d\d:\d\d:\d\d/);
    await server.stop();
    await shows(page.locator('#link'), /Connection lost: .+ · data from \d\d:\d\d:\d\d · next try in \d+ s/);
    await shows(page.locator('#banner'), /This is how it was at \d\d:\d\d:\d\d/);
    await shows(page.locator('#live'), 'Connection lost');
    expect(await page.title()).toBe('(old) Circuits');
    circuit.forceOpen();
    await server.start();
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await shows(page.locator('#link'), /Live/);
    await shows(page.locator('#banner'), /^ghl is forced open/);
    await shows(page.locator('#live'), 'ghl was forced open.');
    await page.context().close();
  });

  it('changes only what has changed, with 200 circuits', async () => {
    await using server = await new PageServer().start();
    const circuits = Array.from({ length: 200 }, (_, n) => server.circuit(`circuit-${String(n).padStart(3, '0')}`));
    const { page } = await browser.open(server.url);
    await shows(page.locator('#shown'), '200');
    await page.evaluate(`
      globalThis.touched = new Set();
      globalThis.moved = 0;
      new MutationObserver((records) => {
        for (const { target, type } of records) {
          // The strips of the past move on by themselves.
          if (target.closest?.('svg.strip')) continue;
          if (type === 'childList' && target.id === 'table') moved++;
          else touched.add(target.parentElement?.closest('tbody')?.querySelector('.expander').textContent ?? '');
        }
      }).observe(document.querySelector('#table'), { subtree: true, childList: true, characterData: true, attributes: true });
    `);
    circuits[150]?.forceOpen();
    await shows(rowOf(page, 'circuit-150').locator('.state'), 'Forced open');
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
    expect(await page.evaluate('[...touched].filter((name) => name !== "")')).toEqual(['circuit-150']);
    // Out of its place, and into the first.
    expect(await page.evaluate<number>('moved')).toBeLessThanOrEqual(2);
    expect(await page.locator('.expander').first().textContent()).toBe('circuit-150');
    await page.context().close();
  });

  it('says so where there is no circuit yet, and shows the first one that comes', async () => {
    await using server = await new PageServer().start();
    const { page } = await browser.open(server.url);
    await shows(page.locator('#nothing'), 'No circuit yet');
    expect(await page.locator('#banner').isVisible()).toBe(false);
    server.circuit('ghl');
    await rowOf(page, 'ghl').waitFor();
    expect(await page.locator('#nothing').isVisible()).toBe(false);
    await page.context().close();
  });
});
