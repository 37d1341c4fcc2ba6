import { resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { flag, listOf, text } from '../../runtime/errors/checks.js';
import { givenFunction, givenName, givenObject } from '../../runtime/errors/given.js';
import { givenOptions, type OptionTable } from '../../runtime/errors/option-table.js';
import { Cursor } from '../read/cursor.js';
import { DocumentSet } from '../read/document-set.js';
import { own } from '../read/json.js';
import { Refs } from '../read/refs.js';
import { Reporter } from '../read/reporter.js';
import type { SourceDocument } from '../read/source-document.js';
import { buildModel } from './build-model.js';
import type { PlaceOfName } from './operation/assign-names.js';
import type { ServiceModel } from './types.js';

export interface LoadServiceInput {
  /** The service's name in the breaker YAML: `ghl`. */
  readonly name: string;
  /** OpenAPI documents, absolute or relative to `cwd`. Several documents become one service. */
  readonly files: readonly string[];
  /** True to repair faults in the documents and report each repair. False to report faults as errors. */
  readonly repair: boolean;
  /** `GET /contacts/{contactId}` -> `contacts.get`. These names override the lock and derived names. */
  readonly names: Readonly<Record<string, string>>;
  /** Names from the names lock, in the same form. They override derived names. */
  readonly lock: Readonly<Record<string, string>>;
  /** File names in messages are relative to this folder. */
  readonly cwd: string;
  /** Returns the place of an entry of `names`, for messages. Default: `breakers.yaml` without a line. */
  readonly placeOfName?: PlaceOfName;
}

const INPUT: OptionTable<LoadServiceInput> = {
  name: givenName,
  files: listOf(givenName),
  repair: flag,
  names: givenObject,
  lock: givenObject,
  cwd: text,
  placeOfName: givenFunction,
};

export interface LoadedService {
  /** Undefined if a diagnostic is an error. */
  readonly model: ServiceModel | undefined;
  /** The model despite errors, if every operation and its name are known. Other settings can be checked against these names. */
  readonly draft?: ServiceModel | undefined;
  /** All findings, each once, in order of file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the documents of one service and makes the model that code is emitted from.
 *
 * Never throws because of a document's content. Returns all faults together as diagnostics.
 */
export async function loadService(input: LoadServiceInput): Promise<LoadedService> {
  givenOptions('loadService', input, INPUT);
  const cwd = resolve(input.cwd);
  const reporter = new Reporter(input.repair);
  const placeOfName = input.placeOfName ?? (() => ({ file: 'breakers.yaml' }));
  if (input.files.length === 0) {
    reporter.fileError(placeOfName('', 'key').file, {
      code: 'no-documents',
      message: `Expected at least one OpenAPI document for the service "${input.name}", found none.`,
    });
    return { model: undefined, diagnostics: reporter.diagnostics };
  }
  const documents = await DocumentSet.load(input.files, cwd, reporter);
  const [first] = documents.listed;
  if (first !== undefined && !reporter.failed && documents.listed.every((document) => !hasPaths(document))) {
    reporter.error(Cursor.root(first), { code: 'no-operations', message: 'Expected at least one operation under `paths`, found none.' });
  }
  const { model, diagnostics, named } = buildModel(new Refs(documents), {
    service: input.name,
    names: input.names,
    lock: input.lock,
    placeOfName,
  });
  const all = [...reporter.diagnostics, ...diagnostics];
  const failed = all.some((found) => found.severity === 'error');
  const known = named && model.namespaces.length > 0 && documents.listed.length === new Set(input.files).size;
  return { model: failed ? undefined : { ...model, diagnostics: all }, draft: known ? model : undefined, diagnostics: all };
}

function hasPaths(document: SourceDocument): boolean {
  return Object.keys(Object(own(document.root, 'paths'))).length > 0;
}
