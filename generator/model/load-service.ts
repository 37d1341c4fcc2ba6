import { resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
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
  /** As in the breaker YAML: `ghl`. */
  readonly name: string;
  /** OpenAPI documents, absolute or relative to `cwd`; several become one service. */
  readonly files: readonly string[];
  /** Mend faults in the documents and report each, instead of refusing them. */
  readonly repair: boolean;
  /** `GET /contacts/{contactId}` -> `contacts.get`: names that hold over everything. */
  readonly names: Readonly<Record<string, string>>;
  /** The same form, from the names lock: holds over derived names. */
  readonly lock: Readonly<Record<string, string>>;
  /** Folder that messages name files relative to. */
  readonly cwd: string;
  /** Where an entry of `names` stands, for messages. Default: somewhere in `breakers.yaml`. */
  readonly placeOfName?: PlaceOfName;
}

export interface LoadedService {
  /** Undefined where a diagnostic is an error. */
  readonly model: ServiceModel | undefined;
  /** The model with its faults, where at least every operation and its name are known: others can be checked against these. */
  readonly draft?: ServiceModel | undefined;
  /** Everything found, errors first to be mended, each once, in order of file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the documents of one service and makes the model that code is emitted from.
 *
 * Never throws for what a document contains: faults come back as diagnostics, all of them together.
 */
export async function loadService(input: LoadServiceInput): Promise<LoadedService> {
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
