import { ConfigurationError } from '../errors/configuration-error.js';
import { environmentVariables } from './environment.js';
import type { ServiceSettings } from './types.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variables that apply to the clients of a service. */
export interface ServiceEnvironment {
  /** `FUSELINE_ENV`, otherwise `NODE_ENV`. */
  readonly environment: string | undefined;
  /** The variables for settings that are set. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * If the process has more variables than this, looking up each known name is faster than listing all variables. A look-up in `process.env` takes 150
 * ns, and listing takes 120 ns per variable that is set.
 */
const FEW = 80;

const NOTHING: ServiceEnvironment['variables'] = Object.freeze({});

const namesOf = new WeakMap<ServiceSettings, ReadonlySet<string>>();

/** Number of variables of the process at the last listing. */
let listed = 0;

/** Reads the variables that apply to a service, from `given` or from the process. Reads them each time, because they can change. */
export function readEnvironment(service: ServiceSettings, given: Environment | undefined): ServiceEnvironment {
  if (given !== undefined) return read(given, names(service));
  if (typeof process === 'undefined') return { environment: undefined, variables: NOTHING };
  const { env, platform } = process;
  const known = names(service);
  // On Windows names are not case-sensitive, so a list of names is not sufficient.
  if (platform === 'win32' || listed > FEW) return read(env, known);
  const set = Reflect.ownKeys(env);
  listed = set.length;
  return read(
    env,
    (set as string[]).filter((name) => known.has(name)),
  );
}

function read(env: Environment, names: Iterable<string>): ServiceEnvironment {
  let variables: Record<string, string> | undefined;
  let fuseline: string | undefined;
  let node: string | undefined;
  for (const name of names) {
    const value = env[name];
    // `process.env` inherits what someone added to all objects.
    if (value === undefined || (name in Object.prototype && !Object.hasOwn(env, name))) continue;
    // Only an object that stands in for the environment can hold something else.
    if (typeof value !== 'string') throw new ConfigurationError(`env.${name}`, value, 'text, as in process.env');
    if (name === 'FUSELINE_ENV') fuseline = value;
    else if (name === 'NODE_ENV') node = value;
    else {
      variables ??= {};
      variables[name] = value;
    }
  }
  return { environment: fuseline ?? node, variables: variables ?? NOTHING };
}

function names(service: ServiceSettings): ReadonlySet<string> {
  let known = namesOf.get(service);
  if (known === undefined) {
    known = new Set([...environmentVariables(service.name), 'FUSELINE_ENV', 'FUSELINE_MAX_CONNECTIONS', 'NODE_ENV']);
    namesOf.set(service, known);
  }
  return known;
}
