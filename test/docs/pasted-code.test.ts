import { describe, expect, it } from 'vitest';
import { docstringExamples, examplePrograms, fencedBlocks } from '../support/doc-blocks.js';
import { faultsOf } from './pasted-code.js';

const LIMIT = 'setTimeout(() => process.exit(), 10_000).unref();';

describe('the check of copied code', () => {
  it.each([
    ['a setup that ends with the module', 'using alerts = startAlerts({ config });'],
    ['one that ends with the function', 'async function main() {\n  using alerts = startAlerts({ config });\n}'],
    ['the same with await', 'await using server = await MockServer.start(handlers);'],
    ['a client at the top of a file', "await using ghl = new GhlClient({ token: 't' });"],
    ['a permit at the top of a file', 'using permit = breaker.acquire();'],
    ['a handler that stops something only', "process.once('SIGTERM', () => alerts.close());"],
    ['one that ends the process at once', "process.once('SIGTERM', () => process.exit());"],
    ['one whose limit holds the process', "process.once('SIGTERM', () => { setTimeout(() => process.exit(), 10_000); });"],
    ['one that swallows every further signal', `process.on('SIGINT', () => { ${LIMIT} });`],
  ])('finds %s', (_, code) => {
    expect(faultsOf(code)).toHaveLength(1);
  });

  it.each([
    ['a setup that stays', 'const alerts = startAlerts({ config });'],
    ['a permit of a function', 'function read() {\n  using permit = breaker.acquire();\n  permit.success();\n}'],
    ['a client of a function', "async function read() {\n  await using ghl = new GhlClient({ token: 't' });\n}"],
    ['a handler with a limit', `process.once('SIGTERM', () => {\n  shared.stop();\n  ${LIMIT}\n});`],
    ['a listener of another event', "process.on('exit', save);"],
  ])('accepts %s', (_, code) => {
    expect(faultsOf(code)).toEqual([]);
  });
});

describe('what is copied', () => {
  const programs = fencedBlocks().filter(({ language }) => ['ts', 'js', 'tsx', 'jsx', 'typescript', 'javascript'].includes(language));
  it.each([
    ['the README and the documentation', programs, 50],
    ['docstrings', docstringExamples(), 20],
    ['examples', examplePrograms(), 3],
  ])('%s leave what they set up running, and the process able to end', (_, blocks, least) => {
    expect(blocks.length).toBeGreaterThan(least);
    expect(blocks.flatMap(({ place, code }) => faultsOf(code).map((fault) => `${place} ${fault}`))).toEqual([]);
  });
});
