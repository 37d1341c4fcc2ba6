import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ledger, Question, Word } from './ledger.js';

/** The server, from the client's side. */
export class ServerProcess {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child;
    this.origin = origin;
  }

  static async start(seed: number): Promise<ServerProcess> {
    const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [String(seed)], { execArgv: ['--import', 'tsx'] });
    const [word] = (await once(child, 'message')) as [Word];
    if (!('origin' in word)) throw new Error('the server said something else than its origin');
    return new ServerProcess(child, word.origin);
  }

  /** The weather begins to change. */
  start(): void {
    this.#ask('start');
  }

  /** Fine weather from now on. */
  calm(): void {
    this.#ask('calm');
  }

  /** Begins an empty ledger. */
  forget(): void {
    this.#ask('forget');
  }

  async ledger(): Promise<Ledger> {
    const answer = once(this.#child, 'message') as Promise<[Word]>;
    this.#ask('ledger');
    const [word] = await answer;
    if (!('ledger' in word)) throw new Error('the server said something else than its ledger');
    return word.ledger;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }

  #ask(ask: Question['ask']): void {
    this.#child.send({ ask } satisfies Question);
  }
}
