import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { newProject } from './project.js';
import { mustRun, run } from './shell.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Besides the Node that runs the tests: the oldest that the package promises, and the newest line it is tested on. */
const NODES = ['20.18.1', '24'];
const NODE_TYPES = '@types/node@20.19.43';
/** What examples of the docs import beside the package. */
const DOCUMENTED = ['@hono/node-server', '@types/express', 'express', 'fastify', 'hono', 'prom-client', '@redis/client'];

/** A Node to run programs with. */
export interface NodeBinary {
  readonly version: string;
  /** Undefined where it could not be fetched. */
  readonly path: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
    /** A project with the tarball and @types/node, nothing else: its TypeScript is the package's own dependency. */
    project: string;
    /** A project with TypeScript 7, which has no compiler API, msw, and what the docs' examples import. */
    typescript7Project: string;
    nodes: readonly NodeBinary[];
  }
}

/** Packs the package once, and installs it into two empty projects. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // Mostly waits for the network.
  const fetched = Promise.all(NODES.map(fetchNode));
  const packed = await mkdtemp(join(tmpdir(), 'fuseline-pack-'));
  await mustRun('npm', ['pack', '--loglevel=error', '--pack-destination', packed], { cwd: root });
  const [name = ''] = await readdir(packed);
  const tarball = join(packed, name);
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  const documented = DOCUMENTED.map((one) => `${one}@${devDependencies[one]}`);
  const [project, typescript7Project, nodes] = await Promise.all([
    newProject([tarball, NODE_TYPES]),
    newProject([tarball, NODE_TYPES, 'typescript@7', 'msw@2', ...documented]),
    fetched,
  ]);
  provide('tarball', tarball);
  provide('project', project);
  provide('typescript7Project', typescript7Project);
  provide('nodes', [{ version: process.versions.node, path: process.execPath }, ...nodes]);
  return async () => {
    for (const folder of [packed, project, typescript7Project]) await rm(folder, { recursive: true, force: true });
  };
}

async function fetchNode(version: string): Promise<NodeBinary> {
  const { code, stdout } = await run('npx', ['--yes', `node@${version}`, '--print', 'process.execPath'], { cwd: tmpdir() });
  return { version, path: code === 0 ? stdout.trim() : undefined };
}
