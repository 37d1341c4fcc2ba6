import type { BreakersConfig, ServiceConfig } from './breakers-config.js';
import { layersOf, mergeLayers } from './layers.js';
import { nearest } from './nearest.js';
import type { YamlPath } from './pointer.js';
import { quote } from './quote.js';
import { setterOf } from './targets.js';
import type { PlacedFinding } from './validate.js';

/** The services that a service follows, and the place in the file. */
interface Followed {
  readonly names: readonly string[];
  /** Undefined: not set in the file. */
  readonly path: YamlPath | undefined;
}

type Place = (path: YamlPath, at: number) => readonly string[];

/** Finds unknown names in `follows`, and services that follow each other in a circle. `known`: names that exist besides those of the file. */
export function checkFollows(config: BreakersConfig, known: Iterable<string>): readonly PlacedFinding[] {
  const services = new Set([...config.services.keys(), ...known]);
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

function* unknownNames(all: ReadonlyMap<string, Followed>, services: ReadonlySet<string>, place: Place): Iterable<PlacedFinding> {
  for (const [service, { names, path }] of all) {
    if (path === undefined) continue;
    for (const [at, name] of names.entries()) {
      if (services.has(name)) continue;
      const others = [...services].filter((other) => other !== service);
      const meant = nearest(name, others);
      yield {
        code: 'unknown-service',
        message: `\`${service}\` follows ${quote(name)}, which is no service, expected ${others.join(', ') || 'another service of the file'}`,
        hint:
          meant === undefined
            ? 'A circuit that only code makes is followed from code: `registry.follow(…)`.'
            : `Did you mean \`${meant}\`?`,
        path: place(path, at),
        anchor: 'value',
      };
    }
  }
}

/** Returns each circle once, at the place where the first of its services in the file names the next. */
function* circles(all: ReadonlyMap<string, Followed>, place: Place): Iterable<PlacedFinding> {
  const told = new Set<string>();
  for (const [service, { names, path }] of all) {
    for (const [at, name] of names.entries()) {
      const way = wayBack(name, service, all, new Set());
      if (way === undefined || path === undefined || told.has(service)) continue;
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

/** Returns the services from one to another, along `follows`. */
function wayBack(from: string, to: string, all: ReadonlyMap<string, Followed>, seen: Set<string>): readonly string[] | undefined {
  if (from === to) return [to];
  seen.add(from);
  for (const next of all.get(from)?.names ?? []) {
    const rest = seen.has(next) ? undefined : wayBack(next, to, all, seen);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}

/** A single name may stand without a list: then the value itself is meant. */
function itemPath({ source }: BreakersConfig, path: YamlPath, at: number): readonly string[] {
  const item = [...path.map(String), String(at)];
  return source.locate(item) === undefined ? path.map(String) : item;
}
