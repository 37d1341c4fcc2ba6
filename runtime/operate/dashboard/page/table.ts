/** The table of circuits. It keeps one view per circuit, and moves no row while the user interacts with the table. */
import { arrange, byId, el, setAttribute, setHidden, setText } from './dom.js';
import { count } from './format.js';
import { ALL, arranged, type SortKey, type View } from './order.js';
import { type RowHost, RowView } from './row-view.js';
import type { Store } from './store.js';

const COLUMNS: readonly (readonly [label: string, sort: SortKey | undefined, style: string, title?: string])[] = [
  ['Circuit', 'name', 'name'],
  ['State', 'problems', 'state', 'Problems first'],
  ['Last 15 min', 'since', 'past', 'Latest change first'],
  ['Req/s', 'rate', 'num rate', 'Attempts per second in the last minute, with the course of the last five'],
  ['Failed', 'failed', 'num share', 'Share of attempts that failed in the last minute'],
  ['p50', 'p50', 'num quantile', 'Half of the attempts took no longer'],
  ['p95', 'p95', 'num quantile', '95 of 100 attempts took no longer'],
  ['p99', 'p99', 'num quantile', '99 of 100 attempts took no longer'],
  ['Last errors', 'errors', 'errors', 'Failures by class, the latest first'],
];

const SORTS: readonly (readonly [SortKey, string])[] = [
  ['problems', 'problems first'],
  ['name', 'by name'],
  ['since', 'latest change'],
  ['rate', 'most requests'],
  ['failed', 'most failures'],
  ['p50', 'highest p50'],
  ['p95', 'highest p95'],
  ['p99', 'highest p99'],
  ['errors', 'latest error'],
];

export class Table {
  view: View = ALL;
  readonly #store: Store;
  readonly #host: RowHost;
  readonly #views = new Map<string, RowView>();
  readonly #table = byId<HTMLTableElement>('table');
  readonly #sort = byId<HTMLSelectElement>('sort');
  readonly #heads = new Map<SortKey, HTMLTableCellElement>();

  constructor(store: Store, host: RowHost, changed: (view: View) => void) {
    this.#store = store;
    this.#host = host;
    const sortBy = (sort: SortKey): void => changed({ ...this.view, sort });
    for (const [label, sort, style, title] of COLUMNS) {
      const head = el('th', { role: 'columnheader', scope: 'col', class: style });
      if (sort === undefined) head.append(label);
      else {
        const button = el('button', { type: 'button', title }, label);
        button.addEventListener('click', () => sortBy(sort));
        head.append(button);
        this.#heads.set(sort, head);
      }
      byId('heads').append(head);
    }
    this.#sort.append(...SORTS.map(([key, label]) => el('option', { value: key }, label)));
    this.#sort.addEventListener('change', () => sortBy(this.#sort.value as SortKey));
    // A row that moves just before a click would make the user click another row.
    this.#table.addEventListener('pointerleave', () => this.arrange());
    this.#table.addEventListener('focusout', () => queueMicrotask(() => this.arrange()));
  }

  /** Updates the circuits with the given names, and the order of all. */
  update(changed: Iterable<string>): void {
    const { circuits, now } = this.#store;
    for (const name of changed) {
      const row = circuits.get(name);
      if (row === undefined) continue;
      let view = this.#views.get(name);
      if (view === undefined) {
        view = new RowView(row, this.#host);
        this.#views.set(name, view);
      }
      view.update(row, now);
    }
    for (const [name, view] of this.#views) {
      if (circuits.has(name)) continue;
      view.toggle(false);
      this.#views.delete(name);
    }
    this.arrange();
  }

  /** Updates the texts that change with time alone. */
  tick(drawPast: boolean): void {
    const { now } = this.#store;
    for (const view of this.#views.values()) {
      view.tick(now);
      if (drawPast) view.drawPast(now);
    }
  }

  /** Orders the rows. While the pointer or the focus is in the table, only new and removed rows change; with `force`, all rows move. */
  arrange(force = false): void {
    const wanted = arranged(this.#store.circuits.values(), this.view).map(({ name }) => name);
    const bodies = [...this.#table.tBodies];
    const held = !force && bodies.some((body) => body.matches(':hover, :focus-within'));
    const names = held ? this.#asTheyAre(wanted, bodies) : wanted;
    const elements = names.map((name) => this.#views.get(name)?.element).filter((element) => element !== undefined);
    arrange(this.#table, elements, this.#table.tHead?.nextSibling ?? null);
    this.#showView(
      names.length,
      names.some((name, at) => name !== wanted[at]),
    );
  }

  /** Returns the names in the order of their rows. Names without a row are at the end. */
  #asTheyAre(wanted: readonly string[], bodies: readonly Element[]): readonly string[] {
    const place = new Map(bodies.map((body, at) => [body, at]));
    const placeOf = (name: string): number => place.get(this.#views.get(name)?.element as Element) ?? bodies.length;
    return [...wanted].sort((a, b) => placeOf(a) - placeOf(b));
  }

  /** Opens the detail of a circuit, and scrolls to it. */
  reveal(name: string): void {
    const view = this.#views.get(name);
    if (view === undefined) return;
    view.toggle(true);
    view.element.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    view.focus();
  }

  #showView(shown: number, held: boolean): void {
    const { sort, text, group } = this.view;
    const total = this.#store.circuits.size;
    for (const [key, head] of this.#heads)
      setAttribute(head, 'aria-sort', key === sort ? (key === 'name' || key === 'problems' ? 'ascending' : 'descending') : 'none');
    if (this.#sort.value !== sort) this.#sort.value = sort;
    const { left } = this.#store;
    const hidden = left === 0 ? '' : ` of ${count(total + left)}: circuits with problems, and the busiest`;
    const note = held ? ' · in the old order while you are here' : '';
    setText(byId('shown'), (shown === total ? count(total) : `${count(shown)} of ${count(total)}`) + hidden + note);
    setHidden(this.#table, shown === 0);
    setHidden(byId('nothing'), shown > 0);
    setHidden(byId('clear'), total === 0);
    const filter = text === '' ? `that is ${group === 'down' ? 'down' : group}` : `that matches “${text}”`;
    setText(
      byId('nothing-text'),
      total === 0 ? 'No circuit yet. One appears with the first client or protected function.' : `There is no circuit ${filter}.`,
    );
  }
}
