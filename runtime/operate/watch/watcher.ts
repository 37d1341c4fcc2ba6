import { createHash } from 'node:crypto';
import { Background } from '../../background.js';
import { type Clock, systemClock, type TimerHandle } from '../../clock.js';
import type { BreakersConfig } from '../../config/breakers-config.js';
import { type Diagnostic, DiagnosticError } from '../../config/diagnostic.js';
import type { LoadResult } from '../../config/load.js';
import { diagnostic } from '../../config/source.js';
import { messageOfThrown } from '../../errors/thrown-value.js';
import { dispose } from '../../observe/subscription.js';
import { forgiven, quietly, type UserObject, userFunction, userObject } from '../../user-code.js';
import { AppliedFile } from './applied-file.js';
import { type ConfigFile, fileOnDisk, readSource } from './config-file.js';
import { placeOf, type Reload, type Watched, type WatchOptions, watched, watchOptions } from './options.js';

/** What was found at one look. Equal keys: the same text, or the same reason why there is none. */
interface Look {
  readonly key: string;
  /** Undefined if there is no text. The reason is found out only if the text is still missing at the next look. */
  readonly result: LoadResult | undefined;
  /** Why there is no text. */
  readonly explain?: () => Promise<Diagnostic>;
}

/** Follows a file until closed. Made by `watchBreakers`. */
export class BreakerWatcher {
  /** Settles when the file was read for the first time, and was put in force or refused. Never rejects. */
  readonly ready: Promise<void>;
  readonly #options: WatchOptions;
  readonly #watched: Watched;
  readonly #background: Background;
  readonly #clock: Clock;
  readonly #shown: string;
  readonly #path: string;
  readonly #source: UserObject<ConfigFile>;
  /** Ends the reports of the source. Undefined if its `watch` returned nothing that can be closed. */
  readonly #unwatch: (() => void) | undefined;
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
  constructor(given: WatchOptions) {
    const options = watchOptions(given);
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
    const closable = closableOf(scope.invoke(this.#source, 'watch', () => this.#background.run(() => this.#lookSoon())));
    this.#unwatch = closable && (() => scope.invoke(closable, 'close'));
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

  /** Ends the watching. The settings in force stay as they are. An error of the source's `close` is dropped. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of [this.#timer, this.#poll]) if (timer !== undefined) this.#clock.clearTimeout(timer);
    if (this.#unwatch !== undefined) quietly(this.#background.scope, userFunction(this.#unwatch));
  }

  [dispose](): void {
    this.close();
  }

  #lookSoon(): void {
    if (this.#closed) return;
    // Counted from the last sign of a change, so that a program that is writing the file can finish.
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
    // A look that failed must not keep the later ones from happening.
    this.#looks = this.#looks.then(() => this.#look(decided)).catch((error: unknown) => this.#tell(this.#unchecked(error)));
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
    const result = look.result ?? { config: undefined, diagnostics: look.explain === undefined ? [] : [await look.explain()] };
    if (this.#closed) return;
    this.#accept(result);
  }

  /** Undefined if the file is what was judged last. */
  async #read(): Promise<Look | undefined> {
    const { scope } = this.#background;
    const reading = await readSource(scope, this.#source, this.#shown, this.#path);
    if (!('bytes' in reading)) return reading.key === this.#judged ? undefined : { ...reading, result: undefined };
    const { bytes } = reading;
    const key = createHash('sha256').update(bytes).digest('hex');
    if (key === this.#judged) return undefined;
    try {
      return { key, result: await this.#file.parse(bytes) };
    } catch (error) {
      return { key, result: { config: undefined, diagnostics: this.#unchecked(error).diagnostics } };
    }
  }

  #accept(result: LoadResult): void {
    let reload: Reload;
    try {
      reload = this.#file.apply(result);
    } catch (error) {
      this.#tell(error instanceof DiagnosticError ? error : this.#unchecked(error));
      return;
    }
    const { onReload } = this.#options;
    if (onReload !== undefined) quietly(this.#background.scope, userFunction(onReload), reload);
  }

  #tell(error: DiagnosticError): void {
    const { onError } = this.#options;
    if (onError !== undefined) quietly(this.#background.scope, userFunction(onError), error);
  }

  /** Returns the error for a fault of the check itself, which says nothing about the file. */
  #unchecked(error: unknown): DiagnosticError {
    const message = `the file could not be checked: ${messageOfThrown(error)}`;
    return new DiagnosticError([diagnostic(this.#shown, { code: 'unchecked-file', message })]);
  }
}

/** Returns what `watch` of a source returned if it can be closed. Never throws. */
function closableOf(watching: ReturnType<ConfigFile['watch']> | undefined): UserObject<{ close(): void }> | undefined {
  try {
    return typeof forgiven(watching)?.close === 'function' ? userObject(watching as { close(): void }) : undefined;
  } catch {
    return undefined;
  }
}
