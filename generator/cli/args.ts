import { parseArgs } from 'node:util';
import { nearest } from '../../runtime/errors/nearest.js';

/** The command line is invalid. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    /** The command whose help the message names. Undefined: the main help. */
    readonly command?: string,
  ) {
    super(message);
  }
}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly short?: string;
  /** The name of the value in help: `DIR`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface Parsed {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  list(name: string): readonly string[] | undefined;
  flag(name: string): boolean;
  /** Returns which of `--name` and `--no-name` comes last. Undefined if neither is given. */
  choice(name: string): boolean | undefined;
}

/** @throws {UsageError} for an unknown option (with the nearest name), a missing value, or a value too many */
export function parse(args: readonly string[], specs: OptionSpecs, command?: string): Parsed {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple, short }]) => [
      name,
      { type, ...(multiple === undefined ? {} : { multiple }), ...(short === undefined ? {} : { short }) },
    ]),
  );
  const { tokens, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const values = new Map<string, string[]>();
  const flags: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw new UsageError(unknownOption(token.rawName, Object.keys(specs)), command);
    if (spec.type === 'boolean') {
      if (token.value !== undefined) throw new UsageError(`--${token.name} takes no value, found "${token.value}".`, command);
      flags.push(token.name);
      continue;
    }
    const { value } = token;
    if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('-'))) {
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${spec.value ?? 'VALUE'}`, command);
    }
    const known = values.get(token.name) ?? [];
    if (known.length > 0 && spec.multiple === undefined) throw new UsageError(`--${token.name} is given twice.`, command);
    values.set(token.name, [...known, value]);
  }
  return {
    positionals,
    text: (name) => values.get(name)?.[0],
    list: (name) => values.get(name),
    flag: (name) => flags.includes(name),
    choice: (name) => {
      const last = flags.findLast((flag) => flag === name || flag === `no-${name}`);
      return last === undefined ? undefined : last === name;
    },
  };
}

function unknownOption(given: string, names: readonly string[]): string {
  const meant = nearest(given.replace(/^-+/, ''), names);
  return `Unknown option ${given}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`;
}
