import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { formatAnnotations, formatDiagnostics, summarize } from '../../runtime/config/format.js';
import type { Parsed } from './args.js';
import { type Io, type Paint, painter, wantsColor } from './io.js';

/** The number of repairs that are shown. Further repairs are only counted. */
const SHOWN_REPAIRS = 10;

/** The number of warnings that are shown with their frames. More warnings are grouped, and this many groups are shown. */
const SHOWN_WARNINGS = 10;
const SHOWN_OF_GROUP = 3;

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
    // With --json, the result contains everything.
    this.#quiet = parsed.flag('quiet') || parsed.flag('json');
    this.#verbose = parsed.flag('verbose');
    this.#live = io.terminal && !this.#quiet && (io.env['CI'] ?? '') === '';
  }

  /** Writes a line that the next line replaces. Has no effect outside of a terminal. */
  progress = (text: string): void => {
    if (!this.#live) return;
    this.#progress = true;
    this.io.stderr(`\r\u001b[K${this.paint('dim', `${text} …`)}`);
  };

  /** Writes a line. `--quiet` suppresses it. */
  say(text: string): void {
    this.#clear();
    if (!this.#quiet) this.io.stderr(`${text}\n`);
  }

  /** Clears the progress line, so that data can follow. */
  done(): void {
    this.#clear();
  }

  /** Writes all findings: a short form of the repairs and hints, then warnings, then errors. Errors come last, so that they stay visible. */
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
      this.#hints(of('hint'));
      this.#warnings(of('warning'));
    }
    this.#blocks(of('error'));
    const shown = this.#quiet ? of('error') : found;
    if (shown.length > 0) this.io.stderr(`${this.paint('bold', summarize(shown))}\n`);
  }

  #blocks(found: readonly Diagnostic[]): void {
    if (found.length > 0) this.io.stderr(`${formatDiagnostics(found, { color: this.#color, cwd: this.io.cwd })}\n\n`);
  }

  #repairs(found: readonly Diagnostic[]): void {
    if (found.length > 0) this.#list(`${found.length} repaired`, found, this.#verbose ? found.length : SHOWN_REPAIRS, 'cyan');
  }

  #hints(found: readonly Diagnostic[]): void {
    const withAdvice = found.map((entry) => ({ ...entry, message: `${entry.message} ${entry.hint ?? ''}`.trimEnd() }));
    if (found.length > 0) this.#list(count(found.length, 'hint'), withAdvice, found.length, 'dim');
  }

  /** Writes warnings. Groups many warnings by their kind, because a document often repeats one mistake a hundred times. */
  #warnings(found: readonly Diagnostic[]): void {
    if (this.#verbose || found.length <= SHOWN_WARNINGS) {
      this.#blocks(found);
      return;
    }
    const groups = new Map<string, Diagnostic[]>();
    for (const warning of found) groups.set(warning.code, [...(groups.get(warning.code) ?? []), warning]);
    for (const [code, group] of groups) this.#list(`${count(group.length, 'warning')} ${code}`, group, SHOWN_OF_GROUP, 'yellow');
  }

  /** Writes one line per finding, and the number of those not shown. */
  #list(title: string, found: readonly Diagnostic[], most: number, style: Parameters<Paint>[0]): void {
    const lines = found.slice(0, most).map(({ file, line, column, message }) => {
      const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
      return `  ${this.paint(style, place)} ${message}`;
    });
    const rest = found.length - lines.length;
    const more = rest === 0 ? [] : [`  … and ${rest} more (--verbose shows all)`];
    this.io.stderr(`${this.paint('bold', title)}\n${[...lines, ...more].join('\n')}\n\n`);
  }

  #clear(): void {
    if (this.#progress) this.io.stderr('\r\u001b[K');
    this.#progress = false;
  }
}

/** Returns `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
