import { flag, text } from '../errors/checks.js';
import { givenOptions, type OptionTable } from '../errors/option-table.js';
import type { Diagnostic } from './diagnostic.js';

const COLORS = { error: 31, warning: 33, repair: 36, hint: 34 } as const;
const BOLD = 1;
const DIM = 2;

/** Options of the text form of diagnostics. */
export interface FormatOptions {
  /** Whether to use ANSI colors. The caller should check `NO_COLOR` and whether the output is a terminal. Default false. */
  readonly color?: boolean;
  /** Working directory. Absolute paths of files below it are shown relative to it. */
  readonly cwd?: string;
}

const ANNOTATION_OPTIONS: OptionTable<Pick<FormatOptions, 'cwd'>> = { cwd: text };
const OPTIONS: OptionTable<FormatOptions> = { ...ANNOTATION_OPTIONS, color: flag };

/**
 * Returns diagnostics as text for a terminal, one block each:
 *
 *     breakers.yaml:12:7 error unknown-key
 *       `failure_treshold` is no setting of a service
 *
 *         11 |     ghl:
 *       > 12 |       failure_treshold: 3
 *            |       ^^^^^^^^^^^^^^^^
 *
 *       Did you mean `failure_threshold`?
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions = {}): string {
  const { color, cwd } = givenOptions('formatDiagnostics', options, OPTIONS);
  const paint = (code: number, text: string): string => (color === true ? `\u001b[${code}m${text}\u001b[0m` : text);
  return diagnostics
    .map((found) => {
      const head = `${paint(BOLD, place(found, cwd))} ${paint(COLORS[found.severity], found.severity)} ${paint(DIM, found.code)}`;
      const parts = [`${head}\n${indent(ended(found.message))}`];
      if (found.frame !== undefined) parts.push(indent(found.frame));
      if (found.hint !== undefined) parts.push(indent(found.hint));
      return parts.join('\n\n');
    })
    .join('\n\n');
}

/**
 * Returns diagnostics as GitHub Actions annotations, one line each (`::error file=…,line=…,col=…,title=…::message`). A repair and a hint become a
 * notice.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function formatAnnotations(diagnostics: readonly Diagnostic[], options: Pick<FormatOptions, 'cwd'> = {}): string {
  const { cwd } = givenOptions('formatAnnotations', options, ANNOTATION_OPTIONS);
  return diagnostics
    .map((found) => {
      const properties = [`file=${property(relative(found.file, cwd))}`];
      if (found.line !== undefined) {
        properties.push(`line=${found.line}`);
        if (found.column !== undefined) {
          properties.push(`col=${found.column}`);
          if (found.length !== undefined && found.length > 1) properties.push(`endColumn=${found.column + found.length}`);
        }
      }
      properties.push(`title=${property(found.code)}`);
      const command = found.severity === 'repair' || found.severity === 'hint' ? 'notice' : found.severity;
      const text = found.hint === undefined ? found.message : `${ended(found.message)}\n${found.hint}`;
      return `::${command} ${properties.join(',')}::${data(text)}`;
    })
    .join('\n');
}

/** Returns `2 errors, 1 warning`, or the empty text if there are no findings. */
export function summarize(diagnostics: readonly Diagnostic[]): string {
  return (['error', 'warning', 'repair', 'hint'] as const)
    .map((severity) => ({ severity, count: diagnostics.filter((found) => found.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ');
}

function place(found: Diagnostic, cwd: string | undefined): string {
  const file = relative(found.file, cwd);
  return found.line === undefined ? file : `${file}:${found.line}:${found.column ?? 1}`;
}

function relative(file: string, cwd: string | undefined): string {
  if (cwd === undefined) return file;
  const base = `${cwd.replaceAll('\\', '/').replace(/\/+$/, '')}/`;
  const path = file.replaceAll('\\', '/');
  return path.startsWith(base) ? path.slice(base.length) : file;
}

/** Adds a full stop, so that the text behind it reads as a sentence of its own. */
function ended(text: string): string {
  return /[.?!:]$/.test(text) ? text : `${text}.`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
