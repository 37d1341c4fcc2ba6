/** One circuit in the table: its row, and its detail, which opens on demand. */
import type { CircuitRow, OperationRow } from '../wire.js';
import { Spark, Strip } from './charts.js';
import { type ActionName, Detail } from './detail.js';
import { el, icon, nameParts, setAttribute, setHidden, setIcon, setText } from './dom.js';
import { age, ago, count, countdown, milliseconds, moment, percent, rate } from './format.js';
import { answersText, reasonText, standingOf, wordsOf } from './words.js';

/** The functions that a row needs from the page. */
export interface RowHost {
  act(action: ActionName, circuit: string): void;
  /** Loads the operations of a service. */
  operations(service: string): Promise<readonly OperationRow[]>;
}

/** The number of columns. */
const COLUMNS_COUNT = 9;
/** The most classes of errors that a row names. The others are a number. */
const NAMED_ERRORS = 2;
/** The share of failures from which it is highlighted. */
const NOTABLE_SHARE = 0.05;

let lastId = 0;

export class RowView {
  readonly element = el('tbody', { role: 'rowgroup', class: 'circuit' });
  row: CircuitRow;
  readonly #host: RowHost;
  readonly #button: HTMLButtonElement;
  readonly #why = el('td', { role: 'cell', colspan: COLUMNS_COUNT });
  readonly #whyRow = el('tr', { role: 'row', class: 'why', hidden: true }, this.#why);
  readonly #icon = icon('closed');
  readonly #state = el('span', { class: 'word' });
  readonly #time = el('span', { class: 'time' });
  readonly #strip = new Strip();
  readonly #spark = new Spark();
  readonly #rate = el('span');
  readonly #failed = el('td', { role: 'cell', class: 'num failed', 'data-label': 'failed' });
  readonly #latency = ['p50', 'p95', 'p99'].map((name) => el('td', { role: 'cell', class: `num quantile ${name}`, 'data-label': name }));
  readonly #errors = el('td', { role: 'cell', class: 'errors', 'data-label': 'last errors' });
  readonly #detailRow: HTMLTableRowElement;
  readonly #detailCell = el('td', { role: 'cell', colspan: COLUMNS_COUNT });
  #detail: Detail | undefined;
  /** The server's time at the last update. */
  #now = 0;

  constructor(row: CircuitRow, host: RowHost) {
    this.row = row;
    this.#host = host;
    const id = `detail-${++lastId}`;
    this.#button = el(
      'button',
      { type: 'button', class: 'expander', title: row.name, 'aria-expanded': 'false', 'aria-controls': id },
      icon('chevron'),
      el('span', {}, ...nameParts(row.name)),
    );
    this.#button.addEventListener('click', () => this.toggle());
    const service = row.name.startsWith(row.service) ? [] : [el('span', { class: 'service' }, row.service)];
    this.element.append(
      el(
        'tr',
        { role: 'row', class: 'line' },
        el('th', { role: 'rowheader', scope: 'row', class: 'name' }, this.#button, ...service),
        el('td', { role: 'cell', class: 'state' }, el('span', { class: 'badge' }, this.#icon, this.#state), this.#time),
        el('td', { role: 'cell', class: 'past' }, this.#strip.element),
        el('td', { role: 'cell', class: 'num rate', 'data-label': 'req/s' }, this.#spark.element, this.#rate),
        this.#failed,
        ...this.#latency,
        this.#errors,
      ),
    );
    this.element.append(this.#whyRow);
    this.#detailRow = el('tr', { role: 'row', class: 'more', id, hidden: true }, this.#detailCell);
    this.element.append(this.#detailRow);
  }

  get open(): boolean {
    return !this.#detailRow.hidden;
  }

  toggle(open = !this.open): void {
    setHidden(this.#detailRow, !open);
    this.#button.setAttribute('aria-expanded', String(open));
    this.element.classList.toggle('is-open', open);
    if (!open) {
      this.#detail?.close();
      return;
    }
    if (this.#detail === undefined) {
      this.#detail = new Detail(this.row, this.#host);
      this.#detailCell.append(this.#detail.element);
    }
    this.#detail.update(this.row, this.#now);
    this.#detail.open();
  }

  focus(): void {
    this.#button.focus();
  }

  /** Shows the present row. `now` is the server's time. */
  update(row: CircuitRow, now: number): void {
    const { latency, course } = row;
    if (course !== this.row.course || !this.#spark.element.hasAttribute('data-drawn')) {
      this.#spark.draw(course);
      this.#spark.element.setAttribute('data-drawn', '');
    }
    this.row = row;
    const standing = standingOf(row);
    setAttribute(this.element, 'data-standing', standing);
    setIcon(this.#icon, wordsOf(standing).icon);
    setText(this.#state, wordsOf(standing).label);
    setText(this.#rate, rate(row.rate));
    setText(this.#failed, row.failedShare === null ? '–' : percent(row.failedShare));
    this.#failed.classList.toggle('notable', (row.failedShare ?? 0) >= NOTABLE_SHARE);
    for (const [at, cell] of this.#latency.entries()) setText(cell, latency === null ? '–' : milliseconds(latency[at] ?? 0));
    this.#showErrors(row, now);
    this.drawPast(now);
    this.tick(now);
    if (this.open) this.#detail?.update(row, now);
  }

  /** Moves the strip, which changes with time alone. */
  drawPast(now: number): void {
    this.#strip.draw(this.row, now);
  }

  /** Updates the texts that change with time alone. */
  tick(now: number): void {
    this.#now = now;
    setText(this.#time, timeText(this.row, now));
    const why = whyText(this.row);
    setText(this.#why, why);
    setHidden(this.#whyRow, why === '');
    if (this.open) this.#detail?.tick(now);
  }

  #showErrors({ errors }: CircuitRow, now: number): void {
    const named = errors.slice(0, NAMED_ERRORS).map(([cause, times]) => `${cause} ×${count(times)}`);
    const more = errors.length > NAMED_ERRORS ? [`+${errors.length - NAMED_ERRORS}`] : [];
    const wanted = [...named, ...more];
    const known = [...this.#errors.children].map(({ textContent }) => textContent);
    if (wanted.join('\n') !== known.join('\n')) this.#errors.replaceChildren(...wanted.map((text) => el('span', { class: 'chip' }, text)));
    const last = errors[0]?.[2];
    setAttribute(this.#errors, 'title', last === undefined ? '' : `last ${ago(now - last)}`);
  }
}

/** Returns since when, and what happens next. */
function timeText(row: CircuitRow, now: number): string {
  const standing = standingOf(row);
  if (standing === 'closed' || standing === 'failing') return '';
  if (standing === 'ramping') return `${percent(row.rampShare)} of calls pass`;
  if (standing === 'open' && row.retryAt !== null) return `probes in ${countdown(row.retryAt - now)}`;
  if (standing === 'probing') return `${row.successes} of ${row.settings.successThreshold} succeeded`;
  if (standing === 'blocked') return `by ${row.blockedBy}`;
  return `for ${age(now - row.since)}`;
}

/** Returns the second line of a row with a problem: since when, why, and what callers get. */
function whyText(row: CircuitRow): string {
  const standing = standingOf(row);
  if (standing === 'failing' && row.signIn !== null)
    return `the sign-in ${row.signIn.name} fails since ${moment(row.signIn.since, row.signIn.since)} · ${row.signIn.what} · ${row.signIn.action}`;
  if (wordsOf(standing).group !== 'down' && standing !== 'probing') return '';
  const now = row.downSince ?? row.since;
  const since = row.downSince === null ? [] : [`since ${moment(row.downSince, now)}`];
  const why = row.reason === null || row.forced === 'open' ? [] : [reasonText({ reason: row.reason })];
  return [...since, ...why, answersText(row.outage)].join(' · ');
}
