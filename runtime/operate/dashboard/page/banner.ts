/** The summary at the top: which circuits are down, since when, what callers get instead, and what happens next. */
import type { CircuitRow } from '../wire.js';
import { arrange, byId, el, icon, nameParts, setAttribute, setHidden, setIcon, setText } from './dom.js';
import { age, count, countdown, duration, moment, percent, precise } from './format.js';
import type { Store } from './store.js';
import { answersText, countsOf, type Group, problemText, type Standing, standingOf, wordsOf } from './words.js';

/** The most problems with a line of their own. The others are a number. */
const MAX_LINES = 4;
/** The most failing closed circuits that the last line names. */
const MAX_FAILING = 4;
/** The most services that are named if there are more problems than lines. */
const MAX_SERVICES = 4;

export interface BannerHost {
  reveal(circuit: string): void;
  reset(circuit: string): void;
  show(group: Group): void;
}

interface Problem {
  readonly row: CircuitRow;
  readonly standing: Standing;
}

export class Banner {
  readonly #host: BannerHost;
  readonly #store: Store;
  readonly #element = byId('banner');
  readonly #list = byId('banner-lines');
  readonly #lines = new Map<string, ProblemLine>();
  readonly #calm = new Note('closed');
  readonly #failing = new Note('failing');
  readonly #old = new Note('failing');
  readonly #many: Note;

  constructor(store: Store, host: BannerHost) {
    this.#store = store;
    this.#host = host;
    const show = el('button', { type: 'button', class: 'quiet' }, 'Show them');
    show.addEventListener('click', () => host.show('down'));
    this.#many = new Note('open', el('span', { class: 'buttons' }, show));
  }

  update(): void {
    const { circuits, left, now } = this.#store;
    const all = [...circuits.values()].map((row) => ({ row, standing: standingOf(row) }));
    const problems = all.filter(({ standing }) => wordsOf(standing).rank <= wordsOf('probing').rank).sort(worstFirst);
    const failing = all
      .filter(({ standing }) => standing === 'failing')
      .sort(({ row: a }, { row: b }) => (b.failedShare ?? 0) - (a.failedShare ?? 0));
    const named = problems.length > MAX_LINES ? problems.slice(0, MAX_LINES - 1) : problems;
    const lines = named.map((problem) => this.#lineOf(problem, now));
    for (const name of this.#lines.keys()) if (!named.some(({ row }) => row.name === name)) this.#lines.delete(name);
    const down = problems.filter(({ standing }) => wordsOf(standing).group === 'down').length;
    const many = problems.length > named.length;
    if (many)
      this.#many.show(manyText(down, problems.length - down, circuits.size + left), `${vendorsText(problems)}The ${named.length} worst:`);
    setAttribute(this.#element, 'data-many', String(many));
    setAttribute(this.#element, 'data-level', down > 0 ? 'down' : problems.length + failing.length > 0 ? 'warn' : 'ok');
    if (failing.length > 0) this.#failing.show(...failingText(failing));
    if (!this.#store.live)
      this.#old.show(`This is how it was at ${precise(this.#store.asOf, now)}`, 'The connection is lost, so the data may be outdated.');
    const calm = problems.length + failing.length === 0;
    if (calm) this.#calm.show(...this.#calmText());
    arrange(this.#list, [
      ...(this.#store.live ? [] : [this.#old.element]),
      ...(many ? [this.#many.element] : []),
      ...lines,
      ...(failing.length > 0 ? [this.#failing.element] : []),
      ...(calm ? [this.#calm.element] : []),
    ]);
  }

  #lineOf({ row, standing }: Problem, now: number): HTMLElement {
    let line = this.#lines.get(row.name);
    if (line === undefined) {
      line = new ProblemLine(row.name, this.#host);
      this.#lines.set(row.name, line);
    }
    line.show(row, standing, now);
    return line.element;
  }

  /** Returns the text if there is no problem. */
  #calmText(): readonly [string, string] {
    const { circuits, left, timeline, now } = this.#store;
    const held = [...circuits.values()].filter((row) => wordsOf(standingOf(row)).group === 'forced').length;
    const all = circuits.size + left === 1 ? 'The circuit is closed' : `All ${count(circuits.size + left)} circuits are closed`;
    const last = timeline.findLast(({ kind, downMs }) => kind === 'closed' && downMs !== undefined);
    if (last?.downMs === undefined) return [held === 0 ? all : `${all}, ${held} of them by hand`, 'No outage since the dashboard started'];
    return [
      held === 0 ? all : `${all}, ${held} of them by hand`,
      `Last outage: ${last.circuit}, ${duration(last.downMs)}, over since ${moment(last.at, now)}`,
    ];
  }
}

function worstFirst(a: Problem, b: Problem): number {
  const longest = (a.row.downSince ?? a.row.since) - (b.row.downSince ?? b.row.since);
  return wordsOf(a.standing).rank - wordsOf(b.standing).rank || longest;
}

function manyText(down: number, probed: number, all: number): string {
  const parts = [
    ...(down > 0 ? [`${count(down)} of ${count(all)} circuits are down`] : []),
    ...(probed > 0 ? [`${count(probed)} are being probed`] : []),
  ];
  return parts.join(', ');
}

/** Returns the services of the problems: `retell (14), ghl (6). `. */
function vendorsText(problems: readonly Problem[]): string {
  const services = countsOf(problems.map(({ row }) => row.service));
  if (services.length === problems.length) return '';
  const named = services
    .slice(0, MAX_SERVICES)
    .map(([service, circuits]) => (circuits === 1 ? service : `${service} (${count(circuits)})`));
  const rest = services.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${count(rest)} more services` : ''}. `;
}

function failingText(failing: readonly Problem[]): readonly [string, string] {
  const named = failing
    .slice(0, MAX_FAILING)
    .map(({ row }) => `${row.name} (${row.signIn === null ? `${percent(row.failedShare ?? 0)} of attempts` : 'the sign-in fails'})`);
  const rest = failing.length - named.length;
  return [
    `${failing.length === 1 ? 'One closed circuit is' : `${count(failing.length)} closed circuits are`} failing`,
    `${named.join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`,
  ];
}

/** The line of one problem. */
class ProblemLine {
  readonly element = el('li', { class: 'problem' });
  readonly #icon = icon('open');
  readonly #what = el('span');
  readonly #answers = el('span');
  readonly #next = el('span', { class: 'next' });

  constructor(name: string, host: BannerHost) {
    const details = el('button', { type: 'button', class: 'quiet', 'aria-label': `Details of ${name}` }, 'Details');
    details.addEventListener('click', () => host.reveal(name));
    const reset = el('button', { type: 'button', class: 'quiet action', 'aria-label': `Reset… ${name}` }, 'Reset…');
    reset.addEventListener('click', () => host.reset(name));
    this.element.append(
      this.#icon,
      el(
        'div',
        { class: 'says' },
        el('p', { class: 'head' }, el('strong', {}, ...nameParts(name)), ' ', this.#what),
        el('p', {}, this.#answers, this.#next),
      ),
      el('span', { class: 'buttons' }, details, reset),
    );
  }

  show(row: CircuitRow, standing: Standing, now: number): void {
    setAttribute(this.element, 'data-standing', standing);
    setIcon(this.#icon, wordsOf(standing).icon);
    const since = row.downSince ?? row.since;
    const down = `since ${moment(since, now)} (${age(now - since)})`;
    setText(this.#what, standing === 'blocked' ? problemText(row, standing) : `${problemText(row, standing)} ${down}`);
    const next = nextText(row, standing, now);
    setText(this.#answers, next === '' ? answersText(row.outage) : `${answersText(row.outage)} · `);
    setText(this.#next, next);
  }
}

function nextText(row: CircuitRow, standing: Standing, now: number): string {
  if (standing === 'open' && row.retryAt !== null) return `next probe in ${countdown(row.retryAt - now)}`;
  if (standing === 'probing') return `${row.successes} of ${row.settings.successThreshold} probes succeeded`;
  if (standing === 'forced-open') return 'stays open until a reset';
  return '';
}

/** A line that is not about a single circuit. */
class Note {
  readonly element: HTMLElement;
  readonly #head = el('p', { class: 'head' });
  readonly #text = el('p');

  constructor(standing: Standing, ...more: HTMLElement[]) {
    this.element = el(
      'li',
      { 'data-standing': standing },
      icon(wordsOf(standing).icon),
      el('div', { class: 'says' }, this.#head, this.#text),
      ...more,
    );
  }

  show(head: string, text: string): void {
    setText(this.#head, head);
    setText(this.#text, text);
    setHidden(this.element, false);
  }
}
