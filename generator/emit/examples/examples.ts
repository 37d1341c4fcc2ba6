import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import { BODY_KINDS, RESPONSE_KINDS } from '../../model/kinds.js';
import type { OperationModel, ResponseModel } from '../../model/types.js';
import { literal } from '../code/literal.js';
import type { EmitContext } from '../context.js';
import { hasParams } from '../names.js';
import { isObject } from '../schemas/schema.js';
import { SchemaValidator } from '../schemas/validator.js';
import { type Example, ExampleMaker } from './example-maker.js';

/** The answer of an operation in mocks. */
export interface AnswerExample {
  readonly status: number;
  /** Undefined: no body. */
  readonly value: unknown;
  readonly contentType: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/** The example data of one service. Each example is made once. */
export class Examples {
  readonly validator: SchemaValidator;
  readonly diagnostics: Diagnostic[] = [];
  readonly #maker: ExampleMaker;
  readonly #answers = new Map<OperationModel, AnswerExample>();
  readonly #params = new Map<OperationModel, unknown>();

  constructor(private readonly context: EmitContext) {
    this.validator = new SchemaValidator(context.model.schemas);
    this.#maker = new ExampleMaker(context.model.schemas, this.validator);
  }

  /** Returns the example of an operation's first success response. */
  answer(operation: OperationModel): AnswerExample {
    const known = this.#answers.get(operation);
    if (known !== undefined) return known;
    const response = successOf(operation);
    const answer = {
      status: response === undefined ? 200 : statusOf(response.status, 200),
      value: response === undefined ? undefined : this.body(operation, response),
      contentType: response && (response.contentType ?? RESPONSE_KINDS[response.kind].contentType),
      headers: headersOf(response),
    };
    this.#answers.set(operation, answer);
    return answer;
  }

  /** Returns the example body of a response. Undefined if there is no body. */
  body(operation: OperationModel, response: ResponseModel): unknown {
    const { hasSchema, example } = RESPONSE_KINDS[response.kind];
    const { schema } = response;
    if (!hasSchema || schema === undefined) return example;
    return this.#checked(operation, `the ${response.status} response`, () => this.#maker.make(schema, seedOf(operation, response)));
  }

  /** Returns the required params of an operation. Undefined if the operation takes none. */
  params(operation: OperationModel): unknown {
    if (!hasParams(operation)) return undefined;
    if (!this.#params.has(operation)) {
      const ref = { $ref: `#/components/schemas/${operation.typeName}Params` };
      const made = this.#checked(operation, 'its parameters', () =>
        this.#maker.make(ref, `${operation.typeName}Params`, { minimal: true }),
      );
      this.#params.set(operation, withForm(operation, made));
    }
    return this.#params.get(operation);
  }

  /** Returns `await ghl.contacts.get({ contactId: 'con_1' })`. Long params become `{ … }`. */
  usage(operation: OperationModel): string {
    const params = this.params(operation);
    const empty = typeof params === 'object' && params !== null && Object.keys(params).length === 0;
    const text = params === undefined || empty ? '' : literal(params);
    const shown = text.length > 80 || text.includes('\n') ? '{ … }' : text;
    const start = operation.resultType.kind === 'builtin' && operation.resultType.text === 'undefined' ? '' : 'const result = ';
    return `${start}await ${this.context.names.variable}.${operation.id}(${shown});`;
  }

  #checked(operation: OperationModel, what: string, make: () => Example): unknown {
    const { value, errors } = make();
    if (errors.length > 0) {
      this.diagnostics.push({
        severity: 'warning',
        code: 'example-unsatisfied',
        message: `No example satisfies the schema of ${what} of \`${operation.id}\`: ${errors.slice(0, 2).join('; ')}`,
        hint: 'Mocks answer with the closest example found. A valid `example` in the schema replaces it.',
        ...operation.location,
      });
    }
    return value;
  }
}

/** Makes the body of a form an object, also if its schema is not one. */
function withForm({ body }: OperationModel, params: unknown): unknown {
  if (body === undefined || !BODY_KINDS[body.kind].isForm) return params;
  if (!isObject(params) || isObject(params['body']) || params['body'] === undefined) return params;
  return { ...params, body: {} };
}

export function successOf(operation: OperationModel): ResponseModel | undefined {
  const successes = operation.responses.filter(({ success }) => success);
  return successes.find(({ kind }) => RESPONSE_KINDS[kind].hasBody) ?? successes[0];
}

/** Returns one status for a range or `default`. */
export function statusOf(status: ResponseModel['status'], otherwise: number): number {
  if (typeof status === 'number') return status;
  return status === 'default' ? otherwise : Number(status.charAt(0)) * 100;
}

function seedOf(operation: OperationModel, response: ResponseModel): string {
  return response.type.kind === 'schema' ? response.type.name : `${operation.typeName}${response.status}`;
}

/** Returns example ids for headers. Headers such as rate limits would make a client wait. */
function headersOf(response: ResponseModel | undefined): Record<string, string> | undefined {
  const ids = response?.headers.filter((name) => /-id$/.test(name)) ?? [];
  return ids.length === 0 ? undefined : Object.fromEntries(ids.map((name) => [name, `${name.replace(/^x-/, '')}-1`]));
}
