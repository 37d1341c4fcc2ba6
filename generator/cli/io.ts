/** The parts of the process that a command uses. */
export interface Io {
  /** Writes data. */
  readonly stdout: (text: string) => void;
  /** Writes messages and progress. */
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** True if `stderr` is a terminal. */
  readonly terminal: boolean;
}

/** Exit codes of the process. */
export const EXIT = { done: 0, error: 1, usage: 2, drift: 3 } as const;

/** Paints text, or returns it unchanged. */
export type Paint = (style: keyof typeof STYLES, text: string) => string;

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/**
 * Returns true if output has colors. `--color` and `--no-color` override `NO_COLOR` and `FORCE_COLOR`. These override the check for a
 * terminal.
 */
export function wantsColor(io: Io, option: boolean | undefined): boolean {
  const set = (name: string): boolean => (io.env[name] ?? '') !== '';
  if (option !== undefined) return option;
  if (set('NO_COLOR')) return false;
  return set('FORCE_COLOR') ? io.env['FORCE_COLOR'] !== '0' : io.terminal && io.env['TERM'] !== 'dumb';
}

export function painter(color: boolean): Paint {
  return (style, text) => (color ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
}
