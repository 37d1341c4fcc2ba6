import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { BreakerRegistry } from 'fuseline';
import { healthHandler, nodeListener } from 'fuseline/health';
import type { Registry } from 'prom-client';
import { hasTool } from './debian-tool.js';

/** For `describe.skipIf`. */
export const NO_PROMETHEUS = !hasTool('prometheus', 'prometheus');

/** Scrapes that a condition may take. There are two a second. */
const MOST_SCRAPES = 200;

/** Between two questions whether there was a scrape. */
const POLL_MS = 100;

/** Who may read. */
const TOKEN = 'a-token-of-prometheus';

/** Who is scraped. */
export interface Target {
  readonly address: string;
  /** The next scrape was answered, and so Prometheus has what the one before said. Default: Prometheus is asked. */
  scraped?(): Promise<void>;
}

/** The health routes of a process on loopback, `/metrics` among them, and how often that was asked. */
export class MetricsServer implements Target {
  readonly address: string;
  /** Content types that were answered with. */
  readonly contentTypes = new Set<string>();
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor(server: Server, registry: BreakerRegistry, register: Registry) {
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', nodeListener(healthHandler({ registry, token: TOKEN, metrics: register, warn: () => undefined })));
    server.on('request', (_, response) =>
      response.once('finish', () => {
        this.contentTypes.add(String(response.getHeader('content-type')));
        for (const resolve of this.#waiting.splice(0)) resolve();
      }),
    );
  }

  static async start(registry: BreakerRegistry, register: Registry): Promise<MetricsServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MetricsServer(server, registry, register);
  }

  /** The next scrape was answered, and so Prometheus has what the one before said. */
  scraped(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One series of an answer. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus of Debian's package, on a free port of loopback, with its data in a temporary folder. */
export class Prometheus {
  readonly #url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #target: Target;

  private constructor(url: string, process: ChildProcess, folder: string, target: Target) {
    this.#url = url;
    this.#process = process;
    this.#folder = folder;
    this.#target = target;
  }

  /** Scrapes `target` and looks at `rules` twice a second. */
  static async start(target: Target, rules: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'fuseline-prometheus-'));
    writeFileSync(join(folder, 'rules.yaml'), rules);
    const config = {
      global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
      rule_files: ['rules.yaml'],
      scrape_configs: [{ job_name: 'bot', authorization: { credentials: TOKEN }, static_configs: [{ targets: [target.address] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config));
    const options = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`, '--web.listen-address=127.0.0.1:0'];
    const child = spawn('prometheus', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    let address = '';
    for await (const line of createInterface({ input: child.stderr })) {
      said += `${line}\n`;
      address = /Listening on.*address="?([\d.]+:\d+)/.exec(line)?.[1] ?? address;
      if (address !== '' && line.includes('ready to receive web requests')) break;
    }
    // What it says from now on must not fill the pipe.
    child.stderr.resume();
    if (child.exitCode !== null || address === '') throw new Error(`prometheus did not start:\n${said}`);
    return new Prometheus(`http://${address}`, child, folder, target);
  }

  /** Asks for the values of now. @throws {Error} where the expression cannot be read. */
  async query(expression: string): Promise<readonly Series[]> {
    const answer = await this.#get('query', { query: expression });
    const { resultType, result } = answer as { readonly resultType: string; readonly result: readonly Sample[] | Sample['value'] };
    if (resultType !== 'vector') return [{ labels: {}, value: Number((result as Sample['value'])[1]) }];
    return (result as readonly Sample[]).map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Asks after each scrape until the answer satisfies `holds`. @throws {Error} when it has not after many. */
  async until(expression: string, holds: (series: readonly Series[]) => boolean): Promise<readonly Series[]> {
    let series: readonly Series[] = [];
    for (let scrape = 0; scrape < MOST_SCRAPES; scrape++) {
      series = await this.query(expression);
      if (holds(series)) return series;
      await (this.#target.scraped?.() ?? this.#scraped());
    }
    throw new Error(`after ${MOST_SCRAPES} scrapes ${expression} is still ${JSON.stringify(series)}`);
  }

  /** The rules, and whether each could be evaluated. */
  async rules(): Promise<readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]> {
    const { groups } = (await this.#get('rules', {})) as {
      readonly groups: readonly { readonly rules: Awaited<ReturnType<Prometheus['rules']>> }[];
    };
    return groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    const gone = this.#process.exitCode === null ? once(this.#process, 'exit') : undefined;
    this.#process.kill();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #scraped(): Promise<void> {
    const last = async (): Promise<string | undefined> => {
      const { activeTargets } = (await this.#get('targets', { state: 'active' })) as { activeTargets: readonly { lastScrape: string }[] };
      return activeTargets[0]?.lastScrape;
    };
    const before = await last();
    while ((await last()) === before) await setTimeout(POLL_MS);
  }

  async #get(path: string, params: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(params)}`);
    const { status, data, error } = (await response.json()) as { readonly status: string; readonly data: unknown; readonly error?: string };
    if (status !== 'success') throw new Error(`${error}: ${JSON.stringify(params)}`);
    return data;
  }
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}
