/** The counts by state, which are filters, and the sums over all circuits. */
import type { CircuitRow } from '../wire.js';
import { byId, el, icon, setText } from './dom.js';
import { count, percent, rate } from './format.js';
import type { View } from './order.js';
import type { Store } from './store.js';
import { type Group, standingOf, wordsOf } from './words.js';

const GROUPS: readonly (readonly [Group | 'all', string, string | undefined])[] = [
  ['all', 'All', undefined],
  ['down', 'Down', 'open'],
  ['probing', 'Probing', 'probing'],
  ['failing', 'Failing', 'warning'],
  ['forced', 'Forced closed', 'held'],
  ['closed', 'Closed', 'closed'],
];

export class Filters {
  readonly #store: Store;
  readonly #radios = new Map<View['group'], HTMLInputElement>();
  readonly #counts = new Map<View['group'], HTMLElement>();
  readonly #sums = new Map<string, HTMLElement>();

  constructor(store: Store, choose: (group: View['group']) => void) {
    this.#store = store;
    for (const [group, label, shape] of GROUPS) {
      const radio = el('input', { type: 'radio', name: 'group', value: group });
      const figure = el('b', {}, '0');
      radio.addEventListener('change', () => choose(group));
      this.#radios.set(group, radio);
      this.#counts.set(group, figure);
      byId('tiles').append(
        el('label', { 'data-group': group }, radio, ...(shape === undefined ? [] : [icon(shape)]), el('span', {}, label), figure),
      );
    }
    for (const [key, label] of [
      ['rate', 'requests/s'],
      ['failed', 'failed'],
      ['refused', 'refused/s'],
    ] as const) {
      const figure = el('dd');
      this.#sums.set(key, figure);
      byId('sums').append(el('div', {}, figure, el('dt', {}, label)));
    }
  }

  update(view: View): void {
    const rows = [...this.#store.circuits.values()];
    const groups = rows.map((row) => wordsOf(standingOf(row)).group);
    for (const [group, figure] of this.#counts) {
      const times = group === 'all' ? rows.length : groups.filter((one) => one === group).length;
      setText(figure, count(times));
      figure.parentElement?.classList.toggle('none', times === 0);
    }
    const chosen = this.#radios.get(view.group);
    if (chosen !== undefined && !chosen.checked) chosen.checked = true;
    const failed = failedShare(rows);
    this.#show('rate', rate(sum(rows, (row) => row.rate)));
    this.#show('failed', failed === null ? '–' : percent(failed));
    this.#show('refused', rate(sum(rows, (row) => row.refusedRate)));
  }

  #show(key: string, text: string): void {
    const figure = this.#sums.get(key);
    if (figure !== undefined) setText(figure, text);
  }
}

/** Returns the share of failures over all circuits in the last minute. */
function failedShare(rows: readonly CircuitRow[]): number | null {
  const sent = (row: CircuitRow): number => (row.failedShare === null ? 0 : row.rate - row.refusedRate);
  const total = sum(rows, sent);
  return total <= 0 ? null : sum(rows, (row) => sent(row) * (row.failedShare ?? 0)) / total;
}

function sum(rows: readonly CircuitRow[], read: (row: CircuitRow) => number): number {
  return rows.reduce((total, row) => total + read(row), 0);
}
