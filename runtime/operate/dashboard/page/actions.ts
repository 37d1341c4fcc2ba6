/** Actions: asks for confirmation, asks for the admin token if it is missing, and checks whether the circuit changed. */
import type { CircuitRow } from '../wire.js';
import type { Api } from './api.js';
import type { ActionName } from './detail.js';
import { byId, setHidden, setText } from './dom.js';
import type { Session } from './session.js';
import { toast } from './status.js';
import type { Store } from './store.js';

interface Wish {
  readonly action: ActionName | 'reset-all' | 'unlock';
  readonly circuit?: string;
}

/** How long to wait until the circuit shows the change, in milliseconds. */
const SEEN_MS = 4_000;

export class Actions {
  readonly #store: Store;
  readonly #session: Session;
  readonly #api: Api;
  readonly #changed: () => void;
  readonly #dialog = byId<HTMLDialogElement>('dialog');
  readonly #token = byId<HTMLInputElement>('dialog-token');
  readonly #error = byId('dialog-error');
  readonly #do = byId<HTMLButtonElement>('dialog-do');
  #wish: Wish = { action: 'unlock' };

  /** `changed` is called when actions are locked or unlocked. */
  constructor(store: Store, session: Session, api: Api, changed: () => void) {
    this.#store = store;
    this.#session = session;
    this.#api = api;
    this.#changed = changed;
    byId('dialog-cancel').addEventListener('click', () => this.#dialog.close());
    byId('dialog-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    // Unused input must not stay in the page.
    this.#dialog.addEventListener('close', () => {
      this.#token.value = '';
    });
  }

  /** Asks for confirmation. */
  ask(wish: Wish): void {
    this.#wish = wish;
    const { title, text, button } = questionOf(wish, this.#store.circuits.size + this.#store.left);
    setText(byId('dialog-title'), title);
    setText(byId('dialog-text'), text);
    setText(this.#do, button);
    setText(this.#error, '');
    this.#askToken(this.#session.admin === undefined);
    this.#dialog.showModal();
    // An immediate Enter must not confirm.
    (this.#session.admin === undefined ? this.#token : byId('dialog-cancel')).focus();
  }

  #askToken(asked: boolean): void {
    setHidden(byId('dialog-token-part'), !asked);
    this.#token.required = asked;
  }

  async #submit(): Promise<void> {
    if (this.#do.disabled) return;
    this.#do.disabled = true;
    setText(this.#error, '');
    try {
      const problem = await this.#perform();
      if (problem === undefined) this.#dialog.close();
      else setText(this.#error, problem);
    } catch {
      setText(this.#error, 'The server cannot be reached. It is unknown whether the action was done.');
    } finally {
      this.#do.disabled = false;
    }
  }

  /** Resolves to the problem, or to undefined if the action was done. */
  async #perform(): Promise<string | undefined> {
    const token = this.#session.admin ?? this.#token.value;
    const { action, circuit } = this.#wish;
    if (!(await this.#api.actions(token)).allowed) return this.#refused();
    if (action !== 'unlock') {
      const problem = await this.#api.act(action === 'reset-all' ? 'reset' : action, circuit, token);
      if (problem === 'unauthorized') return this.#refused();
      if (problem === 'missing') return 'The server has no such circuit, or accepts no actions.';
      if (problem === 'failed') return 'The action failed on the server. Its log has the reason.';
    }
    this.#session.admin = token;
    if (byId<HTMLInputElement>('dialog-keep').checked) this.#session.keep();
    this.#changed();
    if (action !== 'unlock') void this.#watch(this.#wish);
    return undefined;
  }

  #refused(): string {
    this.#session.forget();
    this.#changed();
    this.#askToken(true);
    this.#token.focus();
    return 'That is not the admin token of this server. Nothing was done.';
  }

  /** Reports the action and, if the circuit did not change on this page, the likely reason. */
  async #watch({ action, circuit }: Wish): Promise<void> {
    const what = circuit ?? 'All circuits';
    const verb = {
      reset: 'was reset',
      'force-open': 'was forced open',
      'force-close': 'was forced closed',
      'reset-all': 'were reset',
      unlock: '',
    }[action];
    toast(`${what} ${verb}.`);
    if (circuit === undefined) return;
    const end = Date.now() + SEEN_MS;
    while (Date.now() < end) {
      if (isDone(action, this.#store.circuits.get(circuit))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (this.#store.live)
      toast(`The server says that ${circuit} ${verb}, but it has not changed here: another process may have received the request.`, true);
  }
}

function isDone(action: Wish['action'], row: CircuitRow | undefined): boolean {
  if (row === undefined) return false;
  if (action === 'force-open') return row.forced === 'open';
  if (action === 'force-close') return row.forced === 'closed' || row.forced === 'off';
  return row.forced === null || row.forced === 'off';
}

function questionOf(
  { action, circuit }: Wish,
  circuits: number,
): { readonly title: string; readonly text: string; readonly button: string } {
  switch (action) {
    case 'reset':
      return {
        title: `Reset ${circuit}?`,
        text: 'It closes and forgets its failures. Calls go to the vendor again immediately. If the vendor is still down, it opens after the usual failures.',
        button: `Reset ${circuit}`,
      };
    case 'force-open':
      return {
        title: `Force ${circuit} open?`,
        text: 'No call and no probe goes to the vendor until someone resets the circuit. Callers get fallbacks or errors.',
        button: `Force ${circuit} open`,
      };
    case 'force-close':
      return {
        title: `Force ${circuit} closed?`,
        text: 'Every call is sent, however many fail, until someone resets the circuit. Callers wait for timeouts again.',
        button: `Force ${circuit} closed`,
      };
    case 'reset-all':
      return {
        title: `Reset all ${circuits} circuits?`,
        text: 'Each circuit closes and forgets its failures, including those that were forced. Calls go to every vendor again immediately.',
        button: 'Reset all circuits',
      };
    case 'unlock':
      return {
        title: 'Unlock the actions',
        text: 'Reset a circuit, or force it open or closed. Each action asks for confirmation.',
        button: 'Unlock',
      };
  }
}
