import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '@redis/client';
import type { RedisCommand } from 'fuseline/shared-state';
import { hasTool } from './debian-tool.js';

/** For `describe.skipIf`. */
export const NO_REDIS = !hasTool('redis-server', 'redis-server');

const connect = (path: string) =>
  createClient({ socket: { path, reconnectStrategy: () => 5 } })
    // A connection that breaks is part of what is tested.
    .on('error', () => undefined)
    .connect();

/** A client of the server, as an application has one: it connects again by itself. */
export type Client = Awaited<ReturnType<typeof connect>>;

/** Sends as the documentation says. */
export function commandOf(client: Client): RedisCommand {
  return (args, abortSignal) => client.sendCommand(args, { abortSignal });
}

/** A Redis of Debian's package, on a socket in a temporary folder; it keeps nothing. */
export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fuseline-redis-'));
  readonly #clients: Client[] = [];
  #process: ChildProcess | undefined;

  /** Starts it, empty; also again after `kill`. */
  async start(): Promise<void> {
    const options = ['--port', '0', '--unixsocket', this.#path, '--dir', this.#folder, '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    let said = '';
    for await (const line of createInterface({ input: child.stdout })) {
      said += `${line}\n`;
      if (line.includes('Ready to accept connections') || line.includes('ready to accept connections')) {
        // What it says from now on must not fill the pipe.
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`redis-server did not start:\n${said}`);
  }

  async client(): Promise<Client> {
    const client = await connect(this.#path);
    this.#clients.push(client);
    return client;
  }

  /** It answers nobody, and holds all connections, until it is killed. */
  hang(): void {
    this.#process?.kill('SIGSTOP');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Ends it and all clients. */
  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.destroy();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #path(): string {
    return join(this.#folder, 'redis.sock');
  }
}
