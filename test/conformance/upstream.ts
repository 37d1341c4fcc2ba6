import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { factSheetDocument } from './fact-sheet.js';
import { type Operation, operationsOf, parameterNames, Resolver, readDocument } from './openapi.js';

/** The services whose specs the project carries and whose vendors publish facts to compare them with. */
export const services = ['ghl', 'sendgrid', 'retell'] as const;

/** The name of such a service. */
export type Service = (typeof services)[number];

/** Whether a name is that of such a service. */
export function isService(name: string | undefined): name is Service {
  return services.some((service) => service === name);
}

/** An operation as the vendor documents it, or as a fact sheet knows it. */
export type VendorOperation = Operation;

/** What the vendor publishes for one service. */
export interface VendorSet {
  readonly operations: readonly VendorOperation[];
  readonly resolver: Resolver;
}

/** The repository's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The folder with the vendors' documents, or undefined where it does not exist. */
export function upstreamFolder(): string | undefined {
  const named = process.env.UPSTREAM_SPECS;
  const folder = named === undefined || named === '' ? resolve(root, '../shared/upstream-specs') : resolve(named);
  return existsSync(folder) ? folder : undefined;
}

/** Reads every document that the vendor publishes for a service. */
export function loadVendor(service: Service, folder: string): VendorSet {
  const resolver = new Resolver();
  const operations = documentsOf(service, folder).flatMap(({ file, factSheet }) => {
    const document = factSheet ? factSheetDocument(file) : readDocument(file);
    return operationsOf(document, resolver);
  });
  return { operations, resolver };
}

function documentsOf(service: Service, folder: string): { file: string; factSheet: boolean }[] {
  const inFolder = (name: string, ending: string): { file: string; factSheet: boolean }[] =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith(ending))
      .sort()
      .map((file) => ({ file: join(folder, name, file), factSheet: false }));
  switch (service) {
    case 'ghl':
      return inFolder('ghl/apps', '.json');
    case 'sendgrid':
      return inFolder('sendgrid', '.yaml');
    case 'retell':
      return [
        { file: join(folder, 'retell/retell-openapi.yaml'), factSheet: false },
        { file: join(folder, 'retell/retell-delta-facts.yaml'), factSheet: true },
      ];
  }
}

/** Looks up the vendor's counterpart of an operation. */
export class VendorIndex {
  readonly #byPath = new Map<string, VendorOperation>();
  readonly #byShape = new Map<string, VendorOperation>();
  readonly #methods = new Map<string, string[]>();

  constructor(operations: readonly VendorOperation[]) {
    for (const operation of operations) {
      const shape = shapeOf(operation.path);
      const here = [`${operation.method} ${operation.path}`, `${operation.method} ${shape}`] as const;
      if (!this.#byPath.has(here[0])) this.#byPath.set(here[0], operation);
      if (!this.#byShape.has(here[1])) this.#byShape.set(here[1], operation);
      this.#methods.set(shape, [...(this.#methods.get(shape) ?? []), operation.method]);
    }
  }

  /** The vendor's operation with this method and path; its path parameters may have other names. */
  find({ method, path }: Operation): VendorOperation | undefined {
    return this.#byPath.get(`${method} ${path}`) ?? this.#byShape.get(`${method} ${shapeOf(path)}`);
  }

  /** What the vendor has near a path it does not have with this method. */
  near({ path }: Operation): string {
    const methods = this.#methods.get(shapeOf(path));
    if (methods !== undefined) return `${methods.join(', ')} on this path`;
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
    return this.#methods.has(shapeOf(other)) ? `the path ${other}` : 'no such path';
  }
}

function shapeOf(path: string): string {
  return parameterNames(path).reduce((shape, name) => shape.replace(`{${name}}`, '{}'), path);
}
