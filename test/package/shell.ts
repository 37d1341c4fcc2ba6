import { spawn } from 'node:child_process';

/** What a finished process left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, as a person would have seen them. */
  readonly output: string;
}

/** Where and how a process runs. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, without a terminal. Never rejects for its exit code. */
export function run(program: string, args: readonly string[], { cwd, env }: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // npm and npx are batch files on Windows.
    const shell = process.platform === 'win32' && !program.includes('node');
    const child = spawn(program, args, { cwd, env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], shell });
    const text = { stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
        text.output += chunk;
      });
    }
    child.on('error', reject).on('close', (code) => resolve({ code, ...text }));
  });
}

/** Like `run`, but an exit code other than 0 is an error that shows the output. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const finished = await run(program, args, options);
  if (finished.code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${finished.code}\n${finished.output}`);
  return finished;
}

/** A user's environment: nothing of the test runner, and nothing that npm tells its scripts about this project. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(?:npm_(?:package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD|NODE_ENV|NODE_OPTIONS|VITEST|TEST|FUSELINE_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
