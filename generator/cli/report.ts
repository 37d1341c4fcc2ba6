import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { formatAnnotations, formatDiagnostics, summarize } from '../../runtime/config/format.js';
import type { Parsed } from './args.js';
import { type Io, type Paint, painter, wantsColor } from './io.js';

/** Repairs that are shown before they are only counted. */
const SHOWN_REPAIRS = 10;

/** Warnings that are shown with their frames; more are grouped, and of each group so many are shown. */
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

  /** Shows all findings: repairs and hints in short, then warnings, and errors last, where people look. */
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

  /** A document with one habit that is wrong has it a hundred times: many warnings are told by what they are. */
  #warnings(found: readonly Diagnostic[]): void {
    if (this.#verbose || found.length <= SHOWN_WARNINGS) {
      this.#blocks(found);
      return;
    }
    const groups = new Map<string, Diagnostic[]>();
    for (const warning of found) groups.set(warning.code, [...(groups.get(warning.code) ?? []), warning]);
    for (const [code, group] of groups) this.#list(`${count(group.length, 'warning')} ${code}`, group, SHOWN_OF_GROUP, 'yellow');
  }

  /** One line each, and how many there are besides. */
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

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
