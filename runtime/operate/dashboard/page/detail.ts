/** The detail of a row: what callers got, failures by class, operations, the circuit's settings, and the actions. */
import type { AnswerCounts, CircuitRow, OperationRow } from '../wire.js';
import { arrange, el, setText } from './dom.js';
import { ago, count, duration, moment, times } from './format.js';

export type ActionName = 'reset' | 'force-open' | 'force-close';

export interface DetailHost {
  act(action: ActionName, circuit: string): void;
  operations(service: string): Promise<readonly OperationRow[]>;
}

const ACTIONS: readonly (readonly [ActionName, string])[] = [
  ['reset', 'Reset…'],
  ['force-open', 'Force open…'],
  ['force-close', 'Force closed…'],
];
const ANSWERS: readonly (readonly [keyof AnswerCounts, string])[] = [
  ['cache', 'last good response'],
  ['fallback', 'a fallback'],
  ['error', 'an immediate error'],
];
/** How often an open detail requests the operations, in milliseconds. */
const OPERATIONS_MS = 3_000;

export class Detail {
  readonly element = el('div', { class: 'detail' });
  readonly #host: DetailHost;
  readonly #answersTitle = el('h3');
  readonly #answers = el('ul', { class: 'answers' });
  readonly #errors = el('tbody');
  readonly #facts = el('dl', { class: 'facts' });
  readonly #operations = el('tbody');
  readonly #operationsPart: HTMLElement;
  #row: CircuitRow;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(row: CircuitRow, host: DetailHost) {
    this.#row = row;
    this.#host = host;
    const errors = smallTable(['Class', 'Failures', 'Last'], this.#errors);
    const operations = smallTable(['Operation', 'Calls', 'Errors', 'Last good', 'Fallback', 'In flight'], this.#operations);
    this.#operationsPart = el('section', { class: 'wide' }, el('h3', {}, `Operations of ${row.service}`), operations);
    this.element.append(
      el('section', {}, this.#answersTitle, this.#answers),
      el('section', {}, el('h3', {}, 'Failures by class'), errors),
      el('section', {}, el('h3', {}, 'Circuit'), this.#facts),
      this.#operationsPart,
      el('div', { class: 'buttons' }, ...ACTIONS.map(([action, label]) => this.#button(action, label))),
    );
  }

  open(): void {
    void this.#askOperations();
    this.#timer ??= setInterval(() => void this.#askOperations(), OPERATIONS_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  update(row: CircuitRow, now: number): void {
    this.#row = row;
    this.#showAnswers(row, now);
    this.#showFacts(row);
    this.tick(now);
  }

  tick(now: number): void {
    const { errors } = this.#row;
    rows(
      this.#errors,
      errors.map(([cause, failures, lastAt]) => [cause, count(failures), ago(now - lastAt)]),
      'No failure since the dashboard started.',
    );
  }

  #button(action: ActionName, label: string): HTMLButtonElement {
    const button = el('button', { type: 'button', class: 'quiet action', 'aria-label': `${label} ${this.#row.name}` }, label);
    button.addEventListener('click', () => this.#host.act(action, this.#row.name));
    return button;
  }

  #showAnswers(row: CircuitRow, now: number): void {
    const ever = row.downSince === null && row.totals.opened === 0;
    const shown = ever ? row.answers : row.outage;
    const title = ever
      ? 'What callers got instead'
      : row.downSince === null
        ? 'What callers got in the last outage'
        : `What callers get since ${moment(row.downSince, now)}`;
    setText(this.#answersTitle, title);
    const total = shown.cache + shown.fallback + shown.error;
    while (this.#answers.children.length < ANSWERS.length) {
      this.#answers.append(el('li', {}, el('span'), el('b'), el('meter', { min: 0, max: 1, 'aria-hidden': 'true' })));
    }
    for (const [at, [key, label]] of ANSWERS.entries()) {
      const [name, figure, bar] = this.#answers.children[at]?.children ?? [];
      if (name === undefined || figure === undefined || bar === undefined) continue;
      setText(name, label);
      setText(figure, count(shown[key]));
      (bar as HTMLMeterElement).value = total === 0 ? 0 : shown[key] / total;
      bar.className = key;
    }
  }

  #showFacts({ settings, totals, failures, state, since, name }: CircuitRow): void {
    const soFar = state === 'closed' && failures > 0 ? ` (${failures} so far)` : '';
    const opens = settings.window ? 'by rates over its window' : `after ${times(settings.failureThreshold, 'failure')} in a row${soFar}`;
    const facts: readonly (readonly [string, string])[] = [
      ['Name', name],
      ['Opens', opens],
      ['Probes', `${duration(settings.recoveryTimeoutMs)} after it opened`],
      ['Closes', `after ${times(settings.successThreshold, 'successful probe')}`],
      ['In this state', `since ${moment(since, Date.now())}`],
      ['Requests', count(totals.requests)],
      ['Failed', `${count(totals.failed)}, ${count(totals.timedOut)} by timeout`],
      ['Refused', count(totals.refused)],
      ['Opened', totals.opened === 1 ? 'once' : `${count(totals.opened)} times`],
      ...(totals.bulkhead > 0 ? ([['Bulkhead full', times(totals.bulkhead, 'time')]] as const) : []),
      ...(totals.rateLimit > 0 ? ([['Rate limited', times(totals.rateLimit, 'time')]] as const) : []),
    ];
    while (this.#facts.children.length < facts.length) this.#facts.append(el('div', {}, el('dt'), el('dd')));
    for (const [at, [term, text]] of facts.entries()) {
      const [dt, dd] = this.#facts.children[at]?.children ?? [];
      if (dt !== undefined) setText(dt, term);
      if (dd !== undefined) setText(dd, text);
    }
  }

  async #askOperations(): Promise<void> {
    const operations = await this.#host.operations(this.#row.service).catch(() => undefined);
    if (operations === undefined) return;
    this.#operationsPart.hidden = operations.length === 0;
    rows(
      this.#operations,
      operations.map(([operation, ...counts]) => [operation, ...counts.map(count)]),
      '',
    );
  }
}

function smallTable(heads: readonly string[], body: HTMLTableSectionElement): HTMLTableElement {
  return el('table', { class: 'small' }, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), body);
}

/** Writes texts into the rows of a small table. The first text of each row is its name. */
function rows(body: HTMLTableSectionElement, texts: readonly (readonly string[])[], nothing: string): void {
  if (texts.length === 0) {
    if (body.textContent !== nothing || nothing === '')
      body.replaceChildren(...(nothing === '' ? [] : [el('tr', {}, el('td', { colspan: 9, class: 'note' }, nothing))]));
    return;
  }
  const lines = texts.map((cells, at) => {
    const known = body.children[at];
    if (known?.children.length !== cells.length)
      return el('tr', {}, ...cells.map((text, n) => (n === 0 ? el('th', { scope: 'row' }, text) : el('td', { class: 'num' }, text))));
    for (const [n, text] of cells.entries()) {
      const cell = known.children[n];
      if (cell !== undefined) setText(cell, text);
    }
    return known;
  });
  arrange(body, lines);
}
