import { createHash } from 'node:crypto';
import { Background } from '../../background.js';
import { type Clock, systemClock, type TimerHandle } from '../../clock.js';
import type { BreakersConfig } from '../../config/breakers-config.js';
import { DiagnosticError } from '../../config/diagnostic.js';
import { type LoadResult, unreadable } from '../../config/load.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { dispose } from '../../observe/subscription.js';
import { forgiven, quietly, type UserObject, userFunction, userObject } from '../../user-code.js';
import { AppliedFile } from './applied-file.js';
import { type ConfigFile, fileOnDisk } from './config-file.js';
import { placeOf, type Reload, type Watched, type WatchOptions, watched } from './options.js';

/** What was found at one look. Equal keys: the same text, or the same reason why there is none. */
interface Look {
  readonly key: string;
  /** Undefined where there is no text; why not is found out only if it stays so. */
  readonly result: LoadResult | undefined;
  readonly cause?: unknown;
}

/** Follows a file until closed. Made by `watchBreakers`. */
export class BreakerWatcher {
  /** Settles, and never rejects, when the file was read for the first time: it holds then, or was refused. */
  readonly ready: Promise<void>;
  readonly #options: WatchOptions;
  readonly #watched: Watched;
  readonly #background: Background;
  readonly #clock: Clock;
  readonly #shown: string;
  readonly #path: string;
  readonly #source: UserObject<ConfigFile>;
  readonly #watch: UserObject<ReturnType<ConfigFile['watch']>>;
  readonly #file: AppliedFile;
  /** Key of what was last accepted or refused. */
  #judged: string | undefined;
  /** Key of a faulty file that may be half written: refused if it is still the same at the next look. */
  #suspect: string | undefined;
  #timer: TimerHandle | undefined;
  #poll: TimerHandle | undefined;
  #looks: Promise<void> = Promise.resolve();
  #closed = false;

  /** @throws {ConfigurationError} where an option is out of range. */
  constructor(options: WatchOptions) {
    this.#options = options;
    this.#watched = watched(options);
    this.#background = new Background(options.clock ?? systemClock);
    this.#clock = this.#background.clock;
    const { shown, path } = placeOf(options);
    this.#shown = shown;
    this.#path = path;
    this.#file = new AppliedFile(shown, this.#watched, this.#clock);
    this.#source = userObject(options.source ?? fileOnDisk(this.#path));
    const { scope } = this.#background;
    const watch = forgiven(scope.invoke(this.#source, 'watch', () => this.#background.run(() => this.#lookSoon())));
    if (typeof watch?.close !== 'function') throw new ConfigurationError('watch of source', watch, 'to return an object with close');
    this.#watch = userObject(watch);
    this.ready = this.check();
    this.#pollLater();
  }

  /** What is in force: the last file that could be used; undefined before the first. */
  get config(): BreakersConfig | undefined {
    return this.#file.config;
  }

  /** Why the file as it is now cannot be used; undefined if it is in force. */
  get error(): DiagnosticError | undefined {
    return this.#file.error;
  }

  /** Reads the file now, without waiting for it to be left alone: for a signal, or an admin's button. Never rejects. */
  check(): Promise<void> {
    return this.#background.run(() => this.#enqueue(true));
  }

  /** Ends the watching. What holds goes on to hold. Safe to call twice. */
  close(): void {
    this.#closed = true;
    forgiven(this.#background.scope.invoke(this.#watch, 'close'));
    for (const timer of [this.#timer, this.#poll]) if (timer !== undefined) this.#clock.clearTimeout(timer);
  }

  [dispose](): void {
    this.close();
  }

  #lookSoon(): void {
    if (this.#closed) return;
    // Counted from the last sign of a change: a writer who is at it is left to finish.
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#enqueue(false);
    }, this.#watched.settleMs);
    this.#timer.unref?.();
  }

  #pollLater(): void {
    const { pollMs } = this.#watched;
    if (pollMs === null) return;
    this.#poll = this.#clock.setTimeout(() => {
      this.#enqueue(false);
      this.#pollLater();
    }, pollMs);
    this.#poll.unref?.();
  }

  /** One look at a time, so that an older text never replaces a newer one. */
  #enqueue(decided: boolean): Promise<void> {
    this.#looks = this.#looks.then(() => this.#look(decided));
    return this.#looks;
  }

  async #look(decided: boolean): Promise<void> {
    if (this.#closed) return;
    const look = await this.#read();
    if (this.#closed) return;
    if (look === undefined) {
      this.#suspect = undefined;
      return;
    }
    const { key } = look;
    if (look.result?.config === undefined && !decided && this.#suspect !== key) {
      this.#suspect = key;
      this.#lookSoon();
      return;
    }
    this.#suspect = undefined;
    this.#judged = key;
    const result = look.result ?? { config: undefined, diagnostics: [await unreadable(this.#shown, this.#path, look.cause)] };
    if (this.#closed) return;
    this.#accept(result);
  }

  /** Undefined where the file is what was judged last. */
  async #read(): Promise<Look | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#background.scope.invoke(this.#source, 'read');
    } catch (cause) {
      const key = `no text: ${cause instanceof Error && 'code' in cause ? cause.code : cause}`;
      return key === this.#judged ? undefined : { key, result: undefined, cause };
    }
    const key = createHash('sha256').update(bytes).digest('hex');
    if (key === this.#judged) return undefined;
    return { key, result: await this.#file.parse(bytes) };
  }

  #accept(result: LoadResult): void {
    let reload: Reload;
    try {
      reload = this.#file.apply(result);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const { onError } = this.#options;
      if (onError !== undefined) quietly(this.#background.scope, userFunction(onError), error);
      return;
    }
    const { onReload } = this.#options;
    if (onReload !== undefined) quietly(this.#background.scope, userFunction(onReload), reload);
  }
}
