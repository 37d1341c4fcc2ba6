import type { HttpMethod } from '../../../runtime/call/client/descriptor.js';
import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { Cursor } from '../../read/cursor.js';
import { Cursor as At } from '../../read/cursor.js';
import { isObject, own, text } from '../../read/json.js';
import type { Refs } from '../../read/refs.js';
import type { SourceDocument } from '../../read/source-document.js';

/** An operation as the document declares it, before it has a name. */
export interface RawOperation {
  readonly method: HttpMethod;
  readonly path: string;
  readonly document: SourceDocument;
  readonly at: Cursor;
  /** The path item that contains the operation. It holds values that all its operations share. */
  readonly item: Cursor;
  readonly operationId: string | undefined;
  readonly tag: string | undefined;
  /** `GET /contacts/{contactId}`: the operation's key in `names` and in lock files. */
  readonly key: string;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
const ITEM_KEYS = ['$ref', 'summary', 'description', 'servers', 'parameters', 'additionalOperations'];

export interface RawOperations {
  /** In document order. */
  readonly operations: readonly RawOperation[];
  /** False if faults hide operations, or change the names that operations will have when the faults are fixed. */
  readonly complete: boolean;
}

/** Reads every operation of the listed documents. */
export function rawOperations(refs: Refs): RawOperations {
  const reporter = refs.documents.reporter;
  const found: RawOperation[] = [];
  let complete = true;
  const keys = new Map<string, RawOperation>();
  for (const document of refs.documents.listed) {
    const paths = At.root(document).child('paths');
    if (paths.value !== undefined && !isObject(paths.value)) {
      reporter.fault(paths, {
        code: 'invalid-paths',
        message: `Expected \`paths\` to be a mapping, found ${quote(paths.value)}`,
        done: 'left out',
      });
      complete = false;
    }
    const ids = new Map<string, string>();
    for (const path of paths.entries()) {
      if (path.key.startsWith('x-')) continue;
      const item = operationsOf(path, refs);
      complete &&= item.complete;
      for (const raw of item.operations) {
        if (keys.has(raw.key)) {
          const other = keys.get(raw.key);
          reporter.fault(raw.at, {
            code: 'duplicate-operation',
            message: `The operation ${quote(raw.key)} is declared twice${other === undefined || other.document === document ? '' : `, first in ${other.document.file}`}`,
            done: 'read as declared first',
          });
          complete = false;
          continue;
        }
        keys.set(raw.key, raw);
        if (raw.operationId !== undefined) {
          const other = ids.get(raw.operationId);
          if (other !== undefined) {
            reporter.fault(raw.at.child('operationId'), {
              code: 'duplicate-operation-id',
              message: `The operationId ${quote(raw.operationId)} already belongs to ${other}`,
              done: 'given another method name',
            });
            complete = false;
          }
          ids.set(raw.operationId, raw.key);
        }
        found.push(raw);
      }
    }
  }
  return { operations: found, complete };
}

function operationsOf(path: Cursor, refs: Refs): RawOperations {
  const reporter = refs.documents.reporter;
  const item = refs.follow(path, 'left out');
  if (item === undefined) return { operations: [], complete: false };
  if (!isObject(item.value)) {
    reporter.fault(item, {
      code: 'invalid-path-item',
      message: `Expected a path to be a mapping of methods, found ${quote(item.value)}`,
      done: 'left out',
    });
    return { operations: [], complete: false };
  }
  let template = path.key;
  if (!template.startsWith('/')) {
    reporter.fault(path, {
      code: 'invalid-path',
      message: `Expected a path that begins with a slash, found ${quote(template)}`,
      done: 'read with a slash in front',
      anchor: 'key',
    });
    template = `/${template}`;
  }
  const found: RawOperation[] = [];
  let complete = true;
  for (const at of item.entries()) {
    if (ITEM_KEYS.includes(at.key) || at.key.startsWith('x-')) continue;
    if (!METHODS.includes(at.key)) {
      const close = nearest(at.key, [...METHODS, ...ITEM_KEYS]);
      reporter.fault(at, {
        code: 'unknown-method',
        message: `Expected one of ${METHODS.join(', ')}, found ${quote(at.key)}`,
        hint: close === undefined ? undefined : `Did you mean "${close}"?`,
        done: 'left out',
        anchor: 'key',
      });
      complete = false;
      continue;
    }
    if (!isObject(at.value)) {
      reporter.fault(at, {
        code: 'invalid-operation',
        message: `Expected an operation to be a mapping, found ${quote(at.value)}`,
        done: 'left out',
      });
      complete = false;
      continue;
    }
    const method = at.key.toUpperCase() as HttpMethod;
    const id = own(at.value, 'operationId');
    const tags = own(at.value, 'tags');
    found.push({
      method,
      path: template,
      document: path.document,
      at,
      item,
      operationId: text(id)?.trim(),
      tag: Array.isArray(tags) ? text(tags[0]) : undefined,
      key: `${method} ${template}`,
    });
  }
  return { operations: found, complete };
}
