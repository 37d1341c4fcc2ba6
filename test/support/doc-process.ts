import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How a process ended: one of the two is null. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote, both streams. */
  readonly output: string;
}

/** A process that said that it is ready. */
export interface DocProcess {
  signal(name: NodeJS.Signals): void;
  /** What it wrote so far, both streams. */
  output(): string;
  readonly ended: Promise<Ending>;
}

/** A folder of its own in which blocks of the documentation run as a program, as in an empty project. */
export class DocProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'fuseline-docs-'));
  #running: ChildProcess | undefined;

  constructor() {
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    this.write('package.json', JSON.stringify({ type: 'module' }));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Starts a file with `fuseline` being the sources, and waits until it writes the line `ready`. @throws what it wrote, if it ends before. */
  async start(file: string, env: Readonly<Record<string, string>> = {}): Promise<DocProcess> {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
      cwd: this.folder,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running = child;
    let output = '';
    const ended = once(child, 'close').then(([code, signal]): Ending => ({ code, signal, output }));
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        output += `${line}\n`;
        if (line === 'ready') resolve();
      });
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    await Promise.race([
      ready,
      ended.then((ending) => Promise.reject(new Error(`it ended before it was ready: ${JSON.stringify(ending)}`))),
    ]);
    return { signal: (name) => child.kill(name), output: () => output, ended };
  }

  /** Ends what still runs, and removes the folder. */
  remove(): void {
    this.#running?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
