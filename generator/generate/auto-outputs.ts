import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Which optional files are written, and why some are not. */
export interface Outputs {
  readonly msw: boolean;
  readonly tests: boolean;
  readonly notes: readonly string[];
}

export interface OutputChoice {
  /** Undefined: written where the project has what they need. */
  readonly msw: boolean | undefined;
  readonly tests: boolean | undefined;
}

const FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

/** Mocks need msw, tests need vitest and the mocks: they are written where the project of the output folder names these. */
export async function chooseOutputs(out: string, choice: OutputChoice): Promise<Outputs> {
  const notes: string[] = [];
  const project = choice.msw === undefined || choice.tests === undefined ? await nearestPackage(out) : undefined;
  const has = (name: string): boolean => project?.names.has(name) ?? false;
  const lacks = (what: string, name: string, option: string): void => {
    const where = project === undefined ? 'no package.json is above the output folder' : `its package.json does not name ${name}`;
    notes.push(`${what} left out: ${where}. Install ${name}, or say ${option}.`);
  };
  const msw = choice.msw ?? has('msw');
  if (choice.msw === undefined && !msw) lacks('Mocks (msw.ts)', 'msw', '--msw');
  const tests = choice.tests ?? (msw && has('vitest'));
  if (choice.tests === undefined && !tests && msw) lacks('Tests', 'vitest', '--tests');
  return { msw, tests: tests && msw, notes };
}

async function nearestPackage(folder: string): Promise<{ readonly names: ReadonlySet<string> } | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const text = await readFile(join(at, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return { names: dependencyNames(text) };
    if (dirname(at) === at) return undefined;
  }
}

function dependencyNames(text: string): ReadonlySet<string> {
  try {
    const found = JSON.parse(text) as Record<string, unknown> | null;
    return new Set(FIELDS.flatMap((field) => Object.keys(Object(found?.[field]))));
  } catch {
    return new Set();
  }
}
