import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { formatAnnotations, formatDiagnostics, summarize } from '../../runtime/config/format.js';
import type { Parsed } from './args.js';
import { type Io, type Paint, painter, wantsColor } from './io.js';

/** Repairs that are shown before they are only counted. */
const SHOWN_REPAIRS = 10;

/** Writes messages for people, and annotations for GitHub. */
export class Report {
  readonly paint: Paint;
  readonly #color: boolean;
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  readonly #live: boolean;
  #progress = false;

  constructor(
    private readonly io: Io,
    parsed: Parsed,
  ) {
    this.#color = wantsColor(io, parsed.choice('color'));
    this.paint = painter(this.#color);
    // With --json the result itself has everything.
    this.#quiet = parsed.flag('quiet') || parsed.flag('json');
    this.#verbose = parsed.flag('verbose');
    this.#live = io.terminal && !this.#quiet && (io.env['CI'] ?? '') === '';
  }

  /** One line that the next one replaces; only in a terminal. */
  progress = (text: string): void => {
    if (!this.#live) return;
    this.#progress = true;
    this.io.stderr(`\r\u001b[K${this.paint('dim', `${text} …`)}`);
  };

  /** A line that `--quiet` leaves out. */
  say(text: string): void {
    this.#clear();
    if (!this.#quiet) this.io.stderr(`${text}\n`);
  }

  /** What is going on is over: data may follow. */
  done(): void {
    this.#clear();
  }

  /** All findings: repairs in short, then warnings, and errors last, where they are seen. */
  diagnostics(found: readonly Diagnostic[], json: boolean): void {
    this.#clear();
    if (this.io.env['GITHUB_ACTIONS'] === 'true' && found.length > 0) {
      const loud = found.filter(({ severity }) => severity !== 'repair');
      if (loud.length > 0) this.io.stderr(`${formatAnnotations(loud, { cwd: this.io.cwd })}\n`);
    }
    if (json) return;
    const of = (severity: Diagnostic['severity']): readonly Diagnostic[] => found.filter((entry) => entry.severity === severity);
    if (!this.#quiet) {
      this.#repairs(of('repair'));
      this.#blocks(of('warning'));
    }
    this.#blocks(of('error'));
    const shown = this.#quiet ? of('error') : found;
    if (shown.length > 0) this.io.stderr(`${this.paint('bold', summarize(shown))}\n`);
  }

  #blocks(found: readonly Diagnostic[]): void {
    if (found.length > 0) this.io.stderr(`${formatDiagnostics(found, { color: this.#color, cwd: this.io.cwd })}\n\n`);
  }

  #repairs(found: readonly Diagnostic[]): void {
    if (found.length === 0) return;
    const shown = this.#verbose ? found : found.slice(0, SHOWN_REPAIRS);
    const lines = shown.map(({ file, line, column, message }) => {
      const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
      return `  ${this.paint('cyan', place)} ${message}`;
    });
    const rest = found.length - shown.length;
    const more = rest === 0 ? [] : [`  … and ${rest} more (--verbose shows all)`];
    this.io.stderr(`${this.paint('bold', `${found.length} repaired`)}\n${[...lines, ...more].join('\n')}\n\n`);
  }

  #clear(): void {
    if (this.#progress) this.io.stderr('\r\u001b[K');
    this.#progress = false;
  }
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
