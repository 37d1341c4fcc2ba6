import { closest, nearest } from '../errors/nearest.js';
import { environmentVariables, servicePrefix } from './environment.js';

/** An environment variable that looks like one of fuseline, but is unknown. */
export interface UnknownVariable {
  readonly name: string;
  /** The variable that was probably intended. */
  readonly meant: string | undefined;
  /** The option that the variable looks like, if the option has no variable. */
  readonly option?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The prefixes of fuseline's variables. Other programs can also use all but the first, so with these a name is reported only if it resembles a known
 * one.
 */
const FAMILIES = ['CIRCUIT_BREAKER_', 'FUSELINE_', 'RETRY_', 'MAX_RETRY_'] as const;

/** Without the prefix of a service, a name of these families can belong to any program: only one that is almost a known one is reported. */
const COMMON: readonly string[] = ['RETRY_', 'MAX_RETRY_'];

/** Options of clients that have no variable. Only those that a program hardly names in a variable of its own, as it does a token or a URL. */
const WITHOUT_VARIABLE = ['captureStack', 'maxResponseBytes', 'redirects', 'transport'];

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
    if (family === undefined) return [];
    const start = prefix + family;
    const rest = name.slice(start.length);
    const ends = [...known].flatMap((one) => (one.startsWith(start) ? [one.slice(start.length)] : []));
    const end = prefix === '' && COMMON.includes(family) ? almost(rest, ends) : nearest(rest, ends);
    if (end !== undefined) return [{ name, meant: start + end }];
    const option = family === 'FUSELINE_' ? closest(rest, WITHOUT_VARIABLE, CLOSE) : undefined;
    if (option !== undefined) return [{ name, meant: undefined, option }];
    return family === 'CIRCUIT_BREAKER_' ? [{ name, meant: undefined }] : [];
  });
}

/** The distance of a name that is almost another one, as a share of its length: one character in five. */
const CLOSE = 5;

function almost(rest: string, ends: readonly string[]): string | undefined {
  return closest(rest, ends, CLOSE) ?? ends.find((end) => end === `${rest}_ENABLED`);
}

/** Returns the message and the hint for an unknown variable. They never contain its value. */
export function describeUnknown({ name, meant, option }: UnknownVariable): { readonly message: string; readonly hint: string } {
  const message = `the environment variable ${name} has no effect: fuseline reads no variable of that name`;
  if (option !== undefined) return { message, hint: `Only the option \`${option}\` of a client sets it.` };
  return { message, hint: meant === undefined ? 'docs/configuration.md lists the variables.' : `Did you mean ${meant}?` };
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
