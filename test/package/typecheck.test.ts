import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { compile, writeFiles } from './project.js';
import { mustRun } from './shell.js';

const programs = fileURLToPath(new URL('programs/', import.meta.url));
const project = inject('project');
const typescript7Project = inject('typescript7Project');

beforeAll(async () => {
  for (const folder of [project, typescript7Project]) await cp(programs, join(folder, 'programs'), { recursive: true });
});

describe('programs of a user', () => {
  it.each([
    ['without DOM', ['ES2022']],
    ['with DOM', ['ES2022', 'DOM', 'DOM.Iterable']],
  ])('compile %s', async (_, lib) => {
    expect(await compile(project, 'programs', { lib })).toBe('');
  });

  it.each([
    ['5', project],
    ['7', typescript7Project],
  ])('find TypeScript %s as `npx tsc`', async (version, cwd) => {
    expect((await mustRun('npx', ['--no-install', 'tsc', '--version'], { cwd })).stdout).toContain(`Version ${version}.`);
  });

  it('compile with TypeScript 7', async () => {
    expect(await compile(typescript7Project, 'programs')).toBe('');
  });

  // `@ts-expect-error` takes any error; this shows that each is the one that was meant, and that there is no other.
  it('are refused for the reason given', async () => {
    const source = await readFile(join(programs, 'refusals.ts'), 'utf8');
    const directive = /\/\/ @ts-expect-error (TS\d+)/;
    const meant = source.split('\n').flatMap((line, at) => {
      const code = directive.exec(line)?.[1];
      return code === undefined ? [] : [`line ${at + 2}: ${code}`];
    });
    await writeFiles(project, { 'refused/refusals.ts': source.replaceAll(new RegExp(directive, 'g'), '//') });
    const output = await compile(project, 'refused');
    const found = [...output.matchAll(/^refused\/refusals\.ts\((\d+),\d+\): error (TS\d+)/gm)].map(
      (match) => `line ${match[1]}: ${match[2]}`,
    );
    expect(meant.length).toBeGreaterThan(15);
    expect(found, output).toEqual(meant);
  });
});
