import type { BreakersConfig, ServiceConfig } from './breakers-config.js';
import { KnownNames } from './known-names.js';
import { layersOf, mergeLayers } from './layers.js';
import type { YamlPath } from './pointer.js';
import { quote } from './quote.js';
import { setterOf } from './targets.js';
import type { PlacedFinding } from './validate.js';

/** The services that a service follows, and their place in the file. */
interface Followed {
  readonly names: readonly string[];
  /** Undefined if not set in the file. */
  readonly path: YamlPath | undefined;
}

type Place = (path: YamlPath, at: number) => readonly string[];

/** Finds unknown names in `follows`, and services that follow each other in a circle. `known` are existing names that are not in the file. */
export function checkFollows(config: BreakersConfig, known: Iterable<string>): readonly PlacedFinding[] {
  const services = new KnownNames([...config.services.keys(), ...known]);
  const found = new Map<string, PlacedFinding>();
  for (const environment of [undefined, ...config.environments]) {
    const all = new Map([...config.services.values()].map((service) => [service.name, followedBy(config, service, environment)]));
    const place = (path: YamlPath, at: number): readonly string[] => itemPath(config, path, at);
    for (const finding of [...unknownNames(all, services, place), ...circles(all, place)]) {
      const key = JSON.stringify([finding.code, finding.path]);
      if (!found.has(key)) found.set(key, finding);
    }
  }
  return [...found.values()];
}

function followedBy(config: BreakersConfig, { name, policies }: ServiceConfig, environment: string | undefined): Followed {
  const layers = layersOf(policies, { service: name, environment });
  return { names: mergeLayers(layers).follows, path: setterOf(config, layers, 'follows')?.path };
}

function* unknownNames(all: ReadonlyMap<string, Followed>, services: KnownNames, place: Place): Iterable<PlacedFinding> {
  for (const [service, { names, path }] of all) {
    if (path === undefined) continue;
    for (const [at, name] of names.entries()) {
      if (services.has(name)) continue;
      yield {
        code: 'unknown-service',
        message: `\`${service}\` follows ${quote(name)}, which is no service, expected ${services.list('another service of the file', service)}`,
        hint: services.meant(name, service) ?? 'A circuit that only code makes is followed from code: `registry.follow(…)`.',
        path: place(path, at),
        anchor: 'value',
      };
    }
  }
}

/** Returns a finding for each circle, at the place where its first service in the file names the next one. */
function* circles(all: ReadonlyMap<string, Followed>, place: Place): Iterable<PlacedFinding> {
  const told = new Set<string>();
  const candidates = betweenCircles(all);
  for (const [service, { names, path }] of all) {
    if (path === undefined || !candidates.has(service)) continue;
    for (const [at, name] of names.entries()) {
      if (told.has(service)) break;
      const way = wayBack(name, service, all, candidates);
      if (way === undefined) continue;
      for (const member of way) told.add(member);
      yield {
        code: 'follows-circle',
        message: `${[service, ...way].map((member) => `\`${member}\``).join(' follows ')}: all of them would wait for each other, expected no circle`,
        path: place(path, at),
        anchor: 'value',
      };
    }
  }
}

/**
 * Returns the services that are part of a circle, or on a path between two circles. Removes services that follow, or are followed by, only removed
 * services. Makes one pass in each direction, so that the time does not grow with the square of the length of a chain.
 */
function betweenCircles(all: ReadonlyMap<string, Followed>): ReadonlySet<string> {
  const followers = new Map([...all.keys()].map((name) => [name, [] as string[]]));
  for (const [service, { names }] of all) for (const name of names) followers.get(name)?.push(service);
  const left = new Set(all.keys());
  const leaveOut = (before: (name: string) => readonly string[], after: (name: string) => readonly string[]): void => {
    const open = new Map([...left].map((name) => [name, before(name).filter((other) => left.has(other)).length]));
    const ended = [...left].filter((name) => open.get(name) === 0);
    for (let name = ended.pop(); name !== undefined; name = ended.pop()) {
      left.delete(name);
      for (const other of after(name)) {
        const rest = (open.get(other) ?? 0) - 1;
        open.set(other, rest);
        if (rest === 0 && left.has(other)) ended.push(other);
      }
    }
  };
  const followed = (name: string): readonly string[] => all.get(name)?.names ?? [];
  const following = (name: string): readonly string[] => followers.get(name) ?? [];
  leaveOut(followed, following);
  leaveOut(following, followed);
  return left;
}

/** Returns the path of services from one to another along `follows`. Not recursive, because a circle can be longer than the stack is deep. */
function wayBack(
  from: string,
  to: string,
  all: ReadonlyMap<string, Followed>,
  candidates: ReadonlySet<string>,
): readonly string[] | undefined {
  if (!candidates.has(from)) return undefined;
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  // The last entry is visited first: a depth-first search.
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) {
      const way: string[] = [];
      for (let step: string | undefined = name; step !== undefined; step = cameFrom.get(step)) way.push(step);
      return way.reverse();
    }
    for (const next of [...(all.get(name)?.names ?? [])].reverse()) {
      if (!candidates.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      open.push(next);
    }
  }
  return undefined;
}

/** Returns the path of one name in `follows`. If the value is a single name instead of a list, returns the path of the value. */
function itemPath({ source }: BreakersConfig, path: YamlPath, at: number): readonly string[] {
  const item = [...path.map(String), String(at)];
  return source.locate(item) === undefined ? path.map(String) : item;
}
