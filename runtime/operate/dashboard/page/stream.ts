/** The connection to the server: opens the stream, detects that it is dead, and reconnects. */
import { options } from './api.js';
import { EventParser, type ServerEvent } from './sse.js';

export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `retryAt`: the time of the next attempt, by the clock of this machine. */
  | { readonly kind: 'lost'; readonly retryAt: number; readonly why: string }
  /** `wrong`: the server refused the token. */
  | { readonly kind: 'refused'; readonly wrong: boolean };

export interface StreamSetup {
  readonly url: string;
  readonly headers: () => Record<string, string>;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onLink: (link: Link) => void;
  /** A stream without messages for this time is dead, in milliseconds. */
  readonly silenceMs: () => number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const CONNECT_MS = 15_000;

export class Stream {
  readonly #setup: StreamSetup;
  #failures = 0;
  #wake: (() => void) | undefined;

  constructor(setup: StreamSetup) {
    this.#setup = setup;
  }

  /** Connects again and again, until the page is closed. */
  async run(): Promise<never> {
    for (;;) {
      const { headers, onLink } = this.#setup;
      onLink({ kind: 'connecting' });
      const link = await this.#once(headers());
      onLink(link);
      await this.#pause(link);
    }
  }

  /** Reconnects immediately, because the user asked for it or entered a token. */
  retry(): void {
    this.#failures = 0;
    this.#wake?.();
  }

  async #once(headers: Record<string, string>): Promise<Link> {
    const abort = new AbortController();
    let timer = setTimeout(() => abort.abort(), CONNECT_MS);
    try {
      const wrong = headers['authorization'] !== undefined;
      const asked = await options(this.#setup.url, headers, abort.signal);
      if (asked.headers.has('www-authenticate')) return { kind: 'refused', wrong };
      const response = await fetch(this.#setup.url, { headers, cache: 'no-store', signal: abort.signal });
      if (response.status === 401 || response.status === 403) return { kind: 'refused', wrong };
      if (response.status === 503) return this.#lost('too many pages are connected to this process');
      if (!response.ok || response.body === null) return this.#lost(`the server answered ${response.status}`);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const parser = new EventParser();
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), this.#setup.silenceMs());
        const { done, value } = await reader.read();
        if (done) return this.#lost('the server ended it');
        for (const event of parser.push(decoder.decode(value, { stream: true }))) {
          this.#failures = 0;
          this.#setup.onLink({ kind: 'live' });
          this.#setup.onEvent(event);
        }
      }
    } catch {
      return this.#lost(abort.signal.aborted ? 'the server is silent' : 'the server cannot be reached');
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }

  #lost(why: string): Link {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    // Random, so that pages that lost a server together do not reconnect together.
    return { kind: 'lost', retryAt: Date.now() + longest * (0.5 + Math.random() / 2), why };
  }

  async #pause(link: Link): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (link.kind !== 'lost') return woken;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, link.retryAt - Date.now());
    });
    await Promise.race([woken, waited]);
    clearTimeout(timer);
    this.#wake = undefined;
    return undefined;
  }
}
