import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { PATIENCE_MS } from './patience.js';

const MAIN = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));

/** `npm run demo -- --dashboard`, on a free port. */
export class Demo {
  private constructor(
    readonly process: ChildProcess,
    /** `http://127.0.0.1:4180`. */
    readonly base: string,
    /** What its actions ask for. */
    readonly adminToken: string,
  ) {}

  static async start(): Promise<Demo> {
    const running = spawn(process.execPath, ['--import', 'tsx', MAIN, '--dashboard', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [running.stdout, running.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      const said = await vi.waitFor(
        () => /Dashboard: (http:\S+)\/dashboard[\s\S]*admin token: (\S+)/.exec(output) ?? Promise.reject(new Error(output)),
        { timeout: PATIENCE_MS },
      );
      return new Demo(running, said[1] ?? '', said[2] ?? '');
    } catch (error) {
      running.kill('SIGKILL');
      throw error;
    }
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}
