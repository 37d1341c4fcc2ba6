/** The timeline of state changes, the latest first. */
import { condensed, type Line } from './condense.js';
import { arrange, byId, el, icon, nameParts, setHidden } from './dom.js';
import { precise } from './format.js';
import type { Store } from './store.js';
import { entryStanding, entryText, probesText } from './words.js';

/** The most entries on the page. */
const MAX_SHOWN = 100;

export class Timeline {
  readonly #store: Store;
  readonly #reveal: (circuit: string) => void;
  readonly #list = byId('timeline');
  readonly #items = new Map<number, HTMLElement>();

  constructor(store: Store, reveal: (circuit: string) => void) {
    this.#store = store;
    this.#reveal = reveal;
  }

  /** Draws the whole timeline again, because another process numbers its entries from the start. */
  clear(): void {
    this.#items.clear();
  }

  update(): void {
    const { timeline, now } = this.#store;
    const shown = condensed(timeline).slice(-MAX_SHOWN).reverse();
    const ids = new Set(shown.map(({ entry }) => entry.id));
    for (const id of this.#items.keys()) if (!ids.has(id)) this.#items.delete(id);
    arrange(
      this.#list,
      shown.map((line) => this.#itemOf(line, now)),
    );
    setHidden(byId('timeline-empty'), shown.length > 0);
    setHidden(this.#list, shown.length === 0);
  }

  #itemOf({ entry, failedProbes }: Line, now: number): HTMLElement {
    const known = this.#items.get(entry.id);
    if (known !== undefined) return known;
    const { icon: shape, standing } = entryStanding(entry);
    const text = el('span', { class: 'text' });
    if (entry.circuit !== '*') {
      const name = el('button', { type: 'button', class: 'plain' }, ...nameParts(entry.circuit));
      name.addEventListener('click', () => this.#reveal(entry.circuit));
      text.append(name, ' ');
    }
    text.append(failedProbes > 0 ? probesText(entry, failedProbes) : entryText(entry));
    const time = el('time', { datetime: new Date(entry.at).toISOString() }, precise(entry.at, now));
    const item = el('li', { 'data-standing': standing }, icon(shape), time, text);
    this.#items.set(entry.id, item);
    return item;
  }
}
