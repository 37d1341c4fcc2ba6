import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { hasTool } from '../../../support/debian-tool.js';
import { PATIENCE_MS } from '../../../support/patience.js';

/** For `describe.skipIf`. */
export const NO_CHROMIUM = !hasTool('chromium', 'chromium');

/** Nothing of it asks anyone but the test's own server. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page, and what must not happen on it. */
export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console, and errors that nobody caught. */
  readonly complaints: string[];
  /** Addresses it asked for, besides `data:`. */
  readonly asked: string[];
}

/** One headless browser for a file's tests; each page has a profile of its own. */
export function useBrowser(): { open(url: string, options?: BrowserContextOptions): Promise<Watched> } {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!NO_CHROMIUM) browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS, timeout: PATIENCE_MS });
  });
  afterAll(() => browser?.close());
  return {
    async open(url, options = {}) {
      if (browser === undefined) throw new Error('no browser');
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const complaints: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith('data:')) asked.push(request.url());
      });
      await page.goto(url);
      return { page, complaints, asked };
    },
  };
}

/** Whether nothing is wider than the window. Scripts for the page are text: this project's own code knows no DOM. */
export function fits(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
}

/** The row of a circuit, found as a person finds it: by its name. */
export function rowOf(page: Page, name: string): ReturnType<Page['locator']> {
  return page.locator('tbody.circuit', { has: page.getByRole('button', { name, exact: true }) });
}

/** Waits until an element shows that text. */
export async function shows(locator: ReturnType<Page['locator']>, text: string | RegExp): Promise<void> {
  const read = async (): Promise<string> => ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim();
  await expect.poll(read, { timeout: PATIENCE_MS, interval: 50 }).toMatch(text);
}
