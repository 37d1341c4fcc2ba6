import { nearest } from '../errors/nearest.js';
import { environmentVariables, servicePrefix } from './environment.js';

/** An environment variable that looks like one of ours, but is none. */
export interface UnknownVariable {
  readonly name: string;
  /** The variable that was probably meant. */
  readonly meant: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** How our variables begin. Names with the first beginning are ours alone; others may share the rest, so only a near name is a misspelt one. */
const FAMILIES = ['CIRCUIT_BREAKER_', 'FUSELINE_', 'RETRY_', 'MAX_RETRY_'] as const;

/**
 * Finds misspelt environment variables, which would be ignored in silence: names that begin as ours do, alone or with a service's name in
 * front, and that nothing reads. Empty variables are as good as unset.
 */
export function unknownVariables(services: Iterable<string>, env: Environment): readonly UnknownVariable[] {
  const names = [...services];
  const known = new Set([...names.flatMap(environmentVariables), 'FUSELINE_ENV']);
  const prefixes = names.map(servicePrefix);
  return Object.keys(env).flatMap((name): readonly UnknownVariable[] => {
    if (!FAMILIES.some((family) => name.includes(family)) || known.has(name) || (env[name] ?? '').trim() === '') return [];
    const prefix = prefixes.find((one) => FAMILIES.some((family) => name.startsWith(one + family))) ?? '';
    const family = FAMILIES.find((one) => name.startsWith(prefix + one));
    // `RETRY_…` without a service may belong to anything.
    if (family === undefined || (prefix === '' && family.includes('RETRY'))) return [];
    const start = prefix + family;
    const end = nearest(
      name.slice(start.length),
      [...known].flatMap((one) => (one.startsWith(start) ? [one.slice(start.length)] : [])),
    );
    if (end === undefined && family !== 'CIRCUIT_BREAKER_') return [];
    return [{ name, meant: end === undefined ? undefined : start + end }];
  });
}

/** Says what is wrong with a variable and what was probably meant, and never shows its value. */
export function describeUnknown({ name, meant }: UnknownVariable): { readonly message: string; readonly hint: string } {
  return {
    message: `the environment variable ${name} has no effect: fuseline reads no variable of that name`,
    hint: meant === undefined ? 'docs/configuration.md lists the variables.' : `Did you mean ${meant}?`,
  };
}

const searched = new WeakMap<object, Set<string>>();
const reported = new Set<string>();

/** Warns of each misspelt variable once in the process. Searches an environment once for each service, so a further client costs a look-up. */
export function warnOfUnknownVariables(service: string, env: Environment): void {
  const services = searched.get(env) ?? new Set();
  if (services.has(service)) return;
  searched.set(env, services.add(service));
  for (const variable of unknownVariables([service], env)) {
    if (reported.has(variable.name) || typeof process === 'undefined' || typeof process.emitWarning !== 'function') continue;
    reported.add(variable.name);
    const { message, hint } = describeUnknown(variable);
    process.emitWarning(`${message.charAt(0).toUpperCase()}${message.slice(1)}. ${hint}`, {
      type: 'FuselineWarning',
      code: 'FUSELINE_UNKNOWN_VARIABLE',
    });
  }
}
