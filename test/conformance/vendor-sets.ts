import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { root } from './upstream.js';

/** The documents that a vendor publishes for one client, as they are. */
export interface DocumentSet {
  /** Service in the breaker YAML; also the folder of the client. */
  readonly name: string;
  /** Relative to the folder of the vendors' documents. */
  readonly glob: string;
  readonly client: string;
  readonly documents: number;
  readonly operations: number;
}

/** Every full set. Counts are those of the vendors' documents. */
export const documentSets: readonly DocumentSet[] = [
  { name: 'ghl', glob: 'ghl/apps/*.json', client: 'GhlClient', documents: 41, operations: 576 },
  { name: 'ghl-v3', glob: 'ghl/apps/v3/*.json', client: 'GhlV3Client', documents: 42, operations: 627 },
  { name: 'sendgrid', glob: 'sendgrid/*.yaml', client: 'SendGridClient', documents: 46, operations: 391 },
  { name: 'retell', glob: 'retell/retell-openapi.yaml', client: 'RetellClient', documents: 1, operations: 86 },
];

/** The documents of a set, absolute, in order of name. */
export function documentsOf({ glob }: DocumentSet, upstream: string): string[] {
  const folder = join(upstream, dirname(glob));
  const [start = '', end] = glob.slice(dirname(glob).length + 1).split('*');
  return readdirSync(folder)
    .filter((name) => (end === undefined ? name === start : name.endsWith(end)))
    .sort()
    .map((name) => join(folder, name));
}

/** What a child process left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's project in a temporary folder: strict TypeScript, msw and vitest, `fuseline` from the sources. */
export class TemporaryProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'fuseline-vendor-sets-'));

  constructor() {
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    this.write('package.json', { private: true, type: 'module', devDependencies: { msw: '*', vitest: '*' } });
  }

  /** Text as it stands, anything else as JSON; returns the absolute path. */
  write(path: string, content: unknown): string {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return file;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Writes a breaker YAML with one service per set; `entries` are its documents, absolute. */
  breakers(name: string, sets: readonly DocumentSet[], repair: boolean, entries: (set: DocumentSet) => readonly string[]): void {
    const services = sets.map((set) => {
      const specs = entries(set).map(
        (entry) => `        - ${JSON.stringify(relative(dirname(this.path(name)), entry).replaceAll('\\', '/'))}\n`,
      );
      return `    ${set.name}:\n      repair: ${repair}\n      specs:\n${specs.join('')}`;
    });
    this.write(name, `circuit_breaker:\n  services:\n${services.join('')}`);
  }

  /** Runs a script of Node's in this folder. */
  run(script: string, args: readonly string[], nodeArgs: readonly string[] = []): Promise<Ended> {
    const env = { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '', VITEST: '' };
    return new Promise((ended) => {
      const all = [...nodeArgs, script, ...args];
      execFile(process.execPath, all, { cwd: this.folder, env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
        ended({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      });
    });
  }

  /** The `fuseline` command. */
  fuseline(...args: string[]): Promise<Ended> {
    return this.run(join(root, 'generator/cli/main.ts'), args, ['--import', import.meta.resolve('tsx')]);
  }

  /** The compiler, over folders of this project, as strict as a user may have it. Its numbers follow the errors. */
  typecheck(...folders: string[]): Promise<Ended> {
    const config = this.write('tsconfig.json', {
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable'],
        module: 'NodeNext',
        types: ['node'],
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
        noImplicitOverride: true,
        noImplicitReturns: true,
        verbatimModuleSyntax: true,
        isolatedModules: true,
        skipLibCheck: true,
        noEmit: true,
        paths: { fuseline: [join(root, 'runtime/index.ts')], 'fuseline/testing': [join(root, 'runtime/testing/index.ts')] },
      },
      include: folders,
    });
    return this.run(join(root, 'node_modules/typescript/bin/tsc'), ['-p', config, '--pretty', 'false', '--extendedDiagnostics']);
  }

  /** Vitest, over test files of this project; the report is its JSON. */
  async vitest(...filters: string[]): Promise<TestEnded> {
    const alias = [
      { find: 'fuseline/testing', replacement: join(root, 'runtime/testing/index.ts') },
      { find: 'fuseline', replacement: join(root, 'runtime/index.ts') },
    ];
    const test = { include: ['**/*.test.ts'] };
    const config = this.write('vitest.config.mjs', `export default ${JSON.stringify({ root: this.folder, resolve: { alias }, test })};\n`);
    const output = this.path('report.json');
    const args = ['run', '--config', config, '--reporter=json', `--outputFile=${output}`, ...filters];
    const ended = await this.run(join(root, 'node_modules/vitest/vitest.mjs'), args);
    try {
      return { ...ended, report: JSON.parse(readFileSync(output, 'utf8')) as TestReport };
    } catch {
      return { ...ended, report: undefined };
    }
  }

  /** Every file below a folder of this project: text by path. */
  files(folder: string): Map<string, string> {
    const base = this.path(folder);
    const paths = readdirSync(base, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(base, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    return new Map(paths.sort().map((path) => [path, readFileSync(join(base, path), 'utf8')]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a run of vitest left; no report where it did not begin. */
export interface TestEnded extends Ended {
  readonly report: TestReport | undefined;
}

/** What is used of vitest's JSON report. */
export interface TestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}
