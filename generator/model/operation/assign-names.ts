import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import { fullName, idFromPath, methodName, safeMethod, shortName } from '../names/method-name.js';
import { safeNamespace } from '../names/namespace-name.js';
import { capitalise, isIdentifier } from '../names/words.js';
import type { RawOperation } from './raw-operation.js';

export interface OperationName {
  readonly namespace: string;
  readonly name: string;
}

/** Returns the place of the key or the value of an entry of `names`. */
export type PlaceOfName = (key: string, anchor: 'key' | 'value') => Pick<Diagnostic, 'file'> & Partial<Diagnostic>;

export interface NamingInput {
  readonly operations: readonly RawOperation[];
  /** Returns the namespace that the operation's document suggests. */
  readonly namespaceOf: (operation: RawOperation) => string;
  /** Names from the YAML, `GET /contacts/{contactId}` -> `contacts.get`. They override the lock and derived names. */
  readonly names: Readonly<Record<string, string>>;
  /** Names from the names lock, in the same form. They override derived names. */
  readonly lock: Readonly<Record<string, string>>;
  readonly placeOfName: PlaceOfName;
}

/** Gives every operation its namespace and method name. The same input always gives the same names. */
export function assignNames(input: NamingInput): { names: Map<RawOperation, OperationName>; diagnostics: Diagnostic[] } {
  const names = new Map<RawOperation, OperationName>();
  const diagnostics: Diagnostic[] = [];
  const taken = new Map<string, string>();
  const byKey = new Map(input.operations.map((operation) => [operation.key, operation]));
  const problem = (key: string, anchor: 'key' | 'value', message: string, hint?: string): void => {
    const place = input.placeOfName(key, anchor);
    diagnostics.push({ ...place, severity: 'error', code: 'invalid-name', message, ...(hint === undefined ? {} : { hint }) });
  };

  for (const [key, wanted] of Object.entries(input.names)) {
    const operation = byKey.get(key);
    if (operation === undefined) {
      const close = nearest(key, byKey.keys());
      problem(
        key,
        'key',
        `\`names\` has ${quote(key)}, which no document declares.`,
        close === undefined ? undefined : `Did you mean ${quote(close)}?`,
      );
      continue;
    }
    const name = parse(wanted);
    const other = taken.get(wanted);
    if (name === undefined)
      problem(
        key,
        'value',
        `Expected the name of ${quote(key)} to be like "contacts.get", without names that JavaScript objects or the client reserve; found ${quote(wanted)}.`,
      );
    else if (other !== undefined) problem(key, 'value', `The name ${quote(wanted)} is given to both ${quote(other)} and ${quote(key)}.`);
    else {
      taken.set(wanted, key);
      names.set(operation, name);
    }
  }
  for (const operation of input.operations) {
    const locked = Object.hasOwn(input.lock, operation.key) ? input.lock[operation.key] : undefined;
    const name = locked === undefined ? undefined : parse(locked);
    if (locked === undefined || name === undefined || names.has(operation) || taken.has(locked)) continue;
    taken.set(locked, operation.key);
    names.set(operation, name);
  }

  const open = input.operations.filter((operation) => !names.has(operation));
  const derived = new Map(open.map((operation) => [operation, candidates(operation, input.namespaceOf(operation))]));
  const give = (operation: RawOperation, namespace: string, name: string): void => {
    taken.set(`${namespace}.${name}`, operation.key);
    names.set(operation, { namespace, name });
  };
  // Short names go to operations that share them with no other. Then whole operationIds do the same. The remaining names go in document
  // order.
  for (const level of ['short', 'full'] as const) {
    const rivals = new Map<string, number>();
    for (const [operation, found] of derived) {
      const id = found[level] === undefined || names.has(operation) ? undefined : `${found.namespace}.${found[level]}`;
      if (id !== undefined) rivals.set(id, (rivals.get(id) ?? 0) + 1);
    }
    for (const [operation, found] of derived) {
      const name = found[level];
      if (name === undefined || names.has(operation)) continue;
      const id = `${found.namespace}.${name}`;
      if (rivals.get(id) === 1 && !taken.has(id)) give(operation, found.namespace, name);
    }
  }
  for (const [operation, found] of derived) {
    if (names.has(operation)) continue;
    give(operation, found.namespace, freeName(found, operation, taken));
  }
  return { names, diagnostics };
}

interface Candidates {
  readonly namespace: string;
  readonly short: string | undefined;
  readonly full: string | undefined;
}

function candidates(operation: RawOperation, namespace: string): Candidates {
  const id =
    operation.operationId !== undefined && fullName(operation.operationId) !== undefined
      ? operation.operationId
      : idFromPath(operation.method, operation.path);
  return { namespace, short: shortName(id, namespace), full: fullName(id) };
}

function freeName({ namespace, full, short }: Candidates, { method }: RawOperation, taken: ReadonlyMap<string, string>): string {
  const verb = method.toLowerCase();
  const base = full ?? short ?? verb;
  const withVerb = base.toLowerCase().startsWith(verb) ? base : (methodName([verb, capitalise(base)]) ?? base);
  for (const name of [base, withVerb]) if (!taken.has(`${namespace}.${name}`)) return name;
  for (let number = 2; ; number += 1) if (!taken.has(`${namespace}.${withVerb}${number}`)) return `${withVerb}${number}`;
}

/**
 * Reads `contacts.get`. Returns undefined if the text has another form, or if a name in it would clash with the client or with members of
 * objects.
 */
function parse(name: string): OperationName | undefined {
  const [namespace = '', method = '', ...more] = name.split('.');
  if (more.length > 0 || !isIdentifier(namespace) || !isIdentifier(method)) return undefined;
  return safeNamespace(namespace) === namespace && safeMethod(method) === method ? { namespace, name: method } : undefined;
}
