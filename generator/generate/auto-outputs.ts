import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The optional files to write, and the reasons for those that are skipped. */
export interface Outputs {
  readonly msw: boolean;
  readonly tests: boolean;
  readonly notes: readonly string[];
}

export interface OutputChoice {
  /** Undefined: written if the project has the packages that they need. */
  readonly msw: boolean | undefined;
  readonly tests: boolean | undefined;
}

const FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

/**
 * Decides whether to write mocks and tests. Mocks need msw; tests need vitest and the mocks. The package.json above the output folder must
 * name these packages.
 */
export async function chooseOutputs(out: string, choice: OutputChoice): Promise<Outputs> {
  const notes: string[] = [];
  const project = choice.msw === undefined || choice.tests === undefined ? await nearestPackage(out) : undefined;
  const has = (name: string): boolean => project?.names.has(name) ?? false;
  const lacks = (what: string, name: string, option: string): void => {
    const where =
      project === undefined
        ? 'there is no package.json above the output folder'
        : `the package.json above the output folder does not name ${name}`;
    notes.push(`${what} are not written: ${where}. Install ${name}, or pass ${option}.`);
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
