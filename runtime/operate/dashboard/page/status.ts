/** The status of the page: the connection to the server, the title and icon of the tab, and announcements for screen readers. */
import type { TimelineEntry } from '../wire.js';
import { isFailedProbe } from './condense.js';
import { byId, setAttribute, setHidden, setText } from './dom.js';
import { count, countdown, precise } from './format.js';
import type { Store } from './store.js';
import type { Link } from './stream.js';
import { entryText, standingOf, wordsOf } from './words.js';

/** The most entries that are read out together. The others are a number. */
const READ_OUT = 3;

/** The colours of the tab's icon, in every theme. */
const ICON_COLOURS = { down: '#d03a2b', warn: '#c98500', ok: '#2f9e63', lost: '#8a94a3' } as const;

export class Status {
  readonly #store: Store;
  #link: Link = { kind: 'connecting' };

  constructor(store: Store) {
    this.#store = store;
  }

  set link(link: Link) {
    const was = this.#link.kind;
    this.#link = link;
    if (link.kind !== was && link.kind === 'lost' && this.#store.known) announce(`Connection lost: ${link.why}. What is shown is old.`);
    if (was === 'lost' && link.kind === 'live') announce('Connected again.');
    this.update();
  }

  /** Shows the connection, and problems in the title of the tab. Also updates a hidden tab. */
  update(): void {
    const { asOf, now, known, instance, circuits } = this.#store;
    const link = this.#link;
    const stale = link.kind !== 'live' && known;
    document.documentElement.classList.toggle('is-stale', stale);
    setAttribute(byId('link'), 'data-link', link.kind === 'connecting' && known ? 'lost' : link.kind);
    setText(byId('link-text'), linkText(link, known ? precise(asOf, now) : undefined));
    setHidden(byId('retry'), link.kind !== 'lost');
    setText(byId('instance'), instance);
    const groups = [...circuits.values()].map((row) => wordsOf(standingOf(row)).group);
    const down = groups.filter((group) => group === 'down').length;
    const level = stale ? 'lost' : down > 0 ? 'down' : groups.some((group) => group === 'probing' || group === 'failing') ? 'warn' : 'ok';
    const title = down > 0 ? `(${count(down)} down) Circuits` : 'Circuits';
    const text = stale ? `(old) ${title}` : title;
    if (document.title !== text) document.title = text;
    setAttribute(byId('favicon'), 'href', iconOf(level));
  }
}

/** Announces new entries. */
export function announceEntries(entries: readonly TimelineEntry[]): void {
  // A failed probe of an open circuit is not announced.
  const news = entries.filter((entry) => entry.kind !== 'half_open' && !isFailedProbe(entry));
  if (news.length === 0) return;
  const spoken = news.slice(-READ_OUT).map((entry) => `${entry.circuit === '*' ? '' : `${entry.circuit} `}${entryText(entry)}.`);
  const rest = news.length - spoken.length;
  announce([...(rest > 0 ? [`${rest} more changes.`] : []), ...spoken].join(' '));
}

function announce(text: string): void {
  byId('live').textContent = text;
}

/** How long a note stays, in milliseconds. */
const TOAST_MS = 8_000;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

/** Shows a note about an action. A success disappears by itself; a failure stays until the next note. */
export function toast(text: string, failed = false): void {
  const target = byId('toast');
  clearTimeout(toastTimer);
  target.classList.toggle('failed', failed);
  target.textContent = text;
  if (!failed && text !== '') toastTimer = setTimeout(() => toast(''), TOAST_MS);
}

function linkText(link: Link, asOf: string | undefined): string {
  switch (link.kind) {
    case 'live':
      return `Live · ${asOf ?? ''}`;
    case 'connecting':
      return asOf === undefined ? 'Connecting' : `Connecting · data from ${asOf}`;
    case 'refused':
      return 'No access';
    case 'lost': {
      const next = `next try in ${countdown(link.retryAt - Date.now())}`;
      return asOf === undefined ? `Not connected: ${link.why} · ${next}` : `Connection lost: ${link.why} · data from ${asOf} · ${next}`;
    }
  }
}

function iconOf(level: keyof typeof ICON_COLOURS): string {
  const colour = ICON_COLOURS[level];
  const shape = level === 'down' ? '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>' : '<circle cx="8" cy="8" r="7"/>';
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="${colour}">${shape}</svg>`)}`;
}
