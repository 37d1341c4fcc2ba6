import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** A JSON Schema (2020-12) of a document. */
export type ResultSchema = boolean | { readonly [key: string]: unknown };

/** The prefix of every reference in a schema, such as `fuseline:bundle#/components/schemas/Contact`. */
export const BUNDLE = 'fuseline:bundle';

/** Validates data against schemas that refer to the components of one bundle. */
export class ResultValidator {
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<ResultSchema, ValidateFunction | undefined>();

  constructor(components: Readonly<Record<string, ResultSchema>>) {
    this.#ajv = new Ajv2020({
      strict: false,
      logger: false,
      inlineRefs: false,
      validateSchema: false,
      formats: FORMATS,
      allowUnionTypes: true,
      code: { optimize: false },
    });
    this.#ajv.addSchema({ $id: BUNDLE, components: { schemas: components } });
  }

  /** Returns the faults of the data, in the form `/path must be string`. A schema that ajv cannot compile accepts any data. */
  errors(schema: ResultSchema, data: unknown): readonly string[] {
    const validate = this.#compile(schema);
    return validate === undefined || validate(data) ? [] : (validate.errors ?? []).map(describe);
  }

  #compile(schema: ResultSchema): ValidateFunction | undefined {
    if (this.#compiled.has(schema)) return this.#compiled.get(schema);
    let validate: ValidateFunction | undefined;
    try {
      validate = this.#ajv.compile(schema);
    } catch {
      validate = undefined;
    }
    this.#compiled.set(schema, validate);
    return validate;
  }
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const detail = 'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  const extra = 'additionalProperty' in params ? `: ${JSON.stringify(params['additionalProperty'])}` : '';
  return `${instancePath === '' ? 'the value' : instancePath} ${message ?? 'is invalid'}${detail}${extra}`;
}

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** The formats that are validated. Other formats are ignored. */
export const FORMATS: Readonly<Record<string, RegExp | ((text: string) => boolean)>> = {
  date: DATE,
  time: TIME,
  'date-time': (text) => {
    const [date, time, ...more] = text.split(/[Tt ]/);
    return more.length === 0 && DATE.test(date ?? '') && TIME.test(time ?? '');
  },
  email: /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/,
  uuid: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  uri: /^[a-z][a-z0-9+.-]*:[^\s]+$/i,
  url: /^https?:\/\/[^\s]+$/i,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
  ipv6: /^[0-9a-f:.]{2,}$/i,
  hostname: /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i,
};
