import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type Finding, type House, outsideTheDoor } from './outside-the-door.js';
import { filesBelow, root } from './source-files.js';

/** Modules of the runtime that users import, by what `package.json` exports. */
function publicModules(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { default?: string }> };
  const built = Object.values(exports).flatMap((target) => target.default ?? []);
  return built.filter((path) => path.startsWith('./dist/runtime/')).map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'));
}

/** What the runtime calls directly although it is in the parameters of the public API, and why. */
const DIRECTLY_CALLED = [
  // Read several times in each call. `guardedClock` catches what a clock throws (`test/real/throwing-clock.test.ts`).
  'Clock',
  'TimerHandle',
  'FakeClock.setTimeout',
  // Made by us, and given back to us.
  'HealthHandler',
  'BreakersConfig',
  'ServiceConfig',
  'Caller',
  'Seat',
  // Ours, for a dispatcher to call.
  'TransportHandler',
  'TransportController',
  // The door itself, and the calls that listen through it.
  'UserScope',
  'Audience',
  // Asked while its caller loads a file, which then fails as the function does.
  'ParseOptions',
];

/** The findings in a small program, as `line text`. */
function findingsIn(text: string, options: Partial<House> = {}): readonly string[] {
  const file = '/house/index.ts';
  const host = ts.createCompilerHost({});
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, version) => (name === file ? ts.createSourceFile(name, text, version, true) : getSourceFile(name, version));
  host.fileExists = (name) => name === file || fileExists(name);
  const program = ts.createProgram([file], { lib: ['lib.es2022.d.ts'], target: ts.ScriptTarget.ES2022, types: [], strict: true }, host);
  return outsideTheDoor(program, { entries: [file], files: [file], door: '/house/door.ts', ...options }).map(
    ({ line, text }) => `${line} ${text}`,
  );
}

/** Lines that wait for promises of the runtime's own. */
const PROMISES_OF_OURS: readonly string[] = [
  'runtime/auth/oauth.ts: await Promise.all([super.settled(), ...[...this.#accounts.values()].map((account) => account.settled())]);',
  'runtime/call/client/ends-within.ts: return await Promise.race([work.then(() => true), late]);',
  'runtime/call/request/signing.ts: return Promise.all(asked.map((secret) => adopted(scope, secret, same, rethrown)));',
  'runtime/operate/alerts/alerts.ts: await Promise.race([Promise.all(this.#outboxes.map((outbox) => outbox.idle())), late]);',
  'runtime/operate/monitor/health-monitor.ts: await Promise.all([...this.#probes.values()].map((probe) => probe.check()));',
  'runtime/operate/monitor/health-probe.ts: this.#pending ??= this.#busy ? Promise.resolve(this.result.healthy === true) : this.#run();',
  'runtime/state/shared/memory-store.ts: return Promise.resolve(others.map(([name, entry]) => ({ instance: name, report: entry.report, ageMs: now - entry.at })));',
];

describe('the door to the user`s code', () => {
  it('nothing else calls a function that the user gave', { timeout: 120_000 }, () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['runtime/index.ts'] }, ts.sys, root);
    // The page runs in a browser, where there is no code of a user's.
    const files = filesBelow('runtime').filter((file) => !file.startsWith(join('runtime', 'operate', 'dashboard', 'page')));
    const absolute = (file: string): string => join(root, file).replaceAll('\\', '/');
    const findings = outsideTheDoor(ts.createProgram(files.map(absolute), options), {
      entries: publicModules().map(absolute),
      files: files.map(absolute),
      door: absolute('runtime/user-code.ts'),
      exempt: DIRECTLY_CALLED,
      also: ['FunctionToRun', 'Listener', 'Wants'],
    });
    const shown = ({ file, line, text }: Finding): string => `${relative(root, file)}:${line}: ${text}`;
    // Seal the function with userFunction or userObject, and call it by CURRENT, a captured scope or `quietly` of runtime/user-code.ts.
    expect(findings.map(shown)).toEqual([]);
  });

  it('nothing else waits for a promise of the user in a way that a promise can break', () => {
    // `Promise.resolve` and `Promise.all` return a native promise unchanged, and its own `then` can throw. Use `adopt` of runtime/user-code.ts.
    const ways = /Promise\.(?:resolve|all|allSettled|race|any)\((?!\))|instanceof Promise\b|'then' in /;
    const found = filesBelow('runtime')
      .filter((file) => !file.startsWith(join('runtime', 'operate', 'dashboard', 'page')) && file !== join('runtime', 'user-code.ts'))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .filter((line) => ways.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line))
          .map((line) => `${file.replaceAll('\\', '/')}: ${line.trim()}`),
      );
    expect(found).toEqual(PROMISES_OF_OURS);
  });

  const declarations = `
    declare function userFunction<F>(given: F): { sealed: F };
    declare function userObject<T>(given: T): { sealed: T };
    interface Sender { send(text: string): void }
    export interface Options { readonly onChange?: (state: string) => void; readonly random?: () => number; open(): Sender }
    declare function internal(work: () => void): void;
    declare function take(listener: (state: string) => void): void;
    declare const later: { readonly draw: () => number };
  `;
  const lines = declarations.split('\n').length;
  const found = (body: string, options?: Partial<House>): readonly string[] =>
    findingsIn(`${declarations}\n${body}`, options).map((finding) => finding.replace(/^\d+/, (line) => String(Number(line) - lines)));

  it.each([
    ['a member', 'export function start(options: Options) { options.onChange?.("up"); }', 'options.onChange?.("up")'],
    ['one that was taken apart', 'export function start({ onChange }: Options) { onChange?.("up"); }', 'onChange?.("up")'],
    ['one with a default', 'export function start({ random = Math.random }: Options) { return random(); }', 'random()'],
    ['a choice', 'export const start = (options: Options) => (options.random ?? Math.random)();', '(options.random ?? Math.random)()'],
    [
      'a method of what it returned',
      'export function start(options: Options) { options["open"]; const s = {} as ReturnType<Options["open"]>; s.send("x"); }',
      's.send("x")',
    ],
    ['a parameter', 'export function run(fn: () => void) { internal(() => fn()); }', 'fn()'],
    ['a method`s parameter', 'export class Client { on(listener: () => void) { listener(); } }', 'listener()'],
    [
      'a member of a mapped type',
      'export function log(logger: { [L in "info" | "warn"]: (text: string) => void }) { logger.info("x"); }',
      'logger.info("x")',
    ],
    [
      'one in a list',
      'export function all(given: readonly Options[]) { for (const one of given) one.onChange?.("x"); }',
      'one.onChange?.("x")',
    ],
    [
      'one that is handed on as a function of ours',
      'export function start({ onChange }: Options) { if (onChange) take(onChange); }',
      'onChange',
    ],
    ['one that a library calls', 'export function start({ onChange }: Options) { if (onChange) ["a"].forEach(onChange); }', 'onChange'],
    [
      'one that is stored as a function of ours',
      'export class Box { #draw: (() => number) | undefined; constructor(options: Options) { this.#draw = options.random; } }',
      'options.random',
    ],
    [
      'one in an object of ours',
      'export function start({ random }: Options): typeof later { return { draw: random ?? Math.random }; }',
      'random ?? Math.random',
    ],
    ['one under another type', 'export function start(options: Options) { return options.random as () => number; }', 'options.random'],
    [
      'an object as one of ours',
      'export function start(sender: Sender) { const other: { send(text: string): void } = sender; return other; }',
      'sender',
    ],
  ])('finds a call of %s', (_, body, text) => {
    expect(found(body)).toContain(`1 ${text}`);
  });

  it.each([
    [
      'a sealed function',
      'export function start({ random, onChange }: Options) { userFunction(random ?? Math.random); onChange && userFunction(onChange); }',
    ],
    ['a sealed object', 'export function start(options: Options) { userObject(options); }'],
    [
      'a test of one',
      'export function start({ onChange }: Options) { if (typeof onChange !== "function" || onChange === undefined) throw new Error(String(onChange)); }',
    ],
    [
      'one that keeps its type',
      'export class Box { readonly #given: Options["onChange"]; constructor(options: Options) { this.#given = options.onChange; } }',
    ],
    ['functions of ours', 'function own(work: () => void) { work(); } export function start() { own(() => undefined); }'],
    [
      'private methods, internal ones and constructors of types',
      'class Made { constructor(ended: () => void) { ended(); } \n/** @internal */\njoin(work: () => void) { work(); } #own(work: () => void) { work(); } } export type { Made };',
    ],
  ])('leaves alone %s', (_, body) => {
    expect(found(body)).toEqual([]);
  });

  it('leaves alone what is exempt, by type or by method, and looks for types that are named besides', () => {
    const clock = 'export interface Clock { now(): number } export function at(clock: Clock) { return clock.now(); }';
    expect([found(clock), found(clock, { exempt: ['Clock'] })]).toEqual([['1 clock.now()'], []]);
    const method = 'export class Box { join(start: () => void) { start(); } run(fn: () => void) { fn(); } }';
    expect(found(method, { exempt: ['Box.join'] })).toEqual(['1 fn()']);
    const hidden = 'type Work = () => void; function run(work: Work) { work(); }';
    expect([found(hidden), found(hidden, { also: ['Work'] })]).toEqual([[], ['1 work()']]);
  });
});
