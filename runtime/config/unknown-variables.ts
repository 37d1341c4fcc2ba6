import { nearest } from '../errors/nearest.js';
import { environmentVariables, servicePrefix } from './environment.js';

/** An environment variable that looks like one of fuseline, but is unknown. */
export interface UnknownVariable {
  readonly name: string;
  /** The variable that was probably intended. */
  readonly meant: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The prefixes of fuseline's variables. Other programs can also use all but the first, so with these a name is reported only if it resembles a known
 * one.
 */
const FAMILIES = ['CIRCUIT_BREAKER_', 'FUSELINE_', 'RETRY_', 'MAX_RETRY_'] as const;

/**
 * Finds misspelt environment variables, which would otherwise be ignored without notice. These are unknown names that start with one of the prefixes,
 * with or without the prefix of a service. Empty variables are ignored.
 */
export function unknownVariables(services: Iterable<string>, env: Environment): readonly UnknownVariable[] {
  const names = [...services];
  const known = new Set([...names.flatMap(environmentVariables), 'FUSELINE_ENV', 'FUSELINE_MAX_CONNECTIONS']);
  const prefixes = names.map(servicePrefix);
  return Object.keys(env).flatMap((name): readonly UnknownVariable[] => {
    if (!FAMILIES.some((family) => name.includes(family)) || known.has(name) || (env[name] ?? '').trim() === '') return [];
    const prefix = prefixes.find((one) => FAMILIES.some((family) => name.startsWith(one + family))) ?? '';
    const family = FAMILIES.find((one) => name.startsWith(prefix + one));
    // A name such as `RETRY_…` without the prefix of a service can belong to any program.
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

/** Returns the message and the hint for an unknown variable. They never contain its value. */
export function describeUnknown({ name, meant }: UnknownVariable): { readonly message: string; readonly hint: string } {
  return {
    message: `the environment variable ${name} has no effect: fuseline reads no variable of that name`,
    hint: meant === undefined ? 'docs/configuration.md lists the variables.' : `Did you mean ${meant}?`,
  };
}

const searched = new WeakMap<object, Set<string>>();
const reported = new Set<string>();

/** Warns about each misspelt variable once per process. Searches an environment once per service, so that a further client costs only a look-up. */
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
