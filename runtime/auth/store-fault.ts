import { withoutStack } from '../errors/base.js';
import type { Tokens } from './tokens.js';

/** How many causes of a cause are copied. */
const DEPTH = 5;

/** A name of a token and its value, as in JSON, in a form, or in an object that was printed. */
const NAMED = /((?:access|refresh)_?token\\?["'`]?\s*[:=]\s*\\?["'`]?)[^\s"'`\\,;&})\]]+/gi;

/** A text shorter than this is no token of a real server, and could be a part of any word. */
const SHORTEST = 6;

const HIDDEN = '[hidden]';

/**
 * Returns a copy of what the user's store threw: its name, message, code, stack and causes, without the given tokens. Drivers of databases keep the
 * parameters of a query in fields of their errors, and some put them into the message.
 */
export function storeFault(thrown: unknown, tokens: Tokens | undefined): unknown {
  return copied(thrown, secretsOf(tokens), DEPTH);
}

function copied(thrown: unknown, secrets: readonly string[], depth: number): unknown {
  if (thrown === undefined || thrown === null) return thrown;
  const found = readable(thrown);
  // A parser shows a part of the text that it could not read.
  const isParser = found.name === 'SyntaxError';
  const message = isParser ? `${HIDDEN}, because the message of a parser shows what it read` : without(secrets, found.message);
  const cause = depth > 0 && found.cause !== undefined ? { cause: copied(found.cause, secrets, depth - 1) } : undefined;
  const copy = withoutStack(() => new Error(message, cause));
  const name = without(secrets, found.name);
  const frames = framesOf(found).map((frame) => `\n${without(secrets, frame)}`);
  const fields = { name, stack: `${name}: ${message}${frames.join('')}` };
  for (const [field, value] of Object.entries(fields)) Object.defineProperty(copy, field, { value, configurable: true, writable: true });
  const { code } = found;
  return code === undefined ? copy : Object.assign(copy, { code: typeof code === 'string' ? without(secrets, code) : code });
}

interface Found {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code: string | number | undefined;
  readonly cause: unknown;
}

/** Reads what was thrown, which can be anything. */
function readable(thrown: unknown): Found {
  const none = { name: 'Error', stack: '', code: undefined, cause: undefined };
  if (typeof thrown !== 'object' && typeof thrown !== 'function') return { ...none, message: String(thrown) };
  try {
    const { name, message, stack, code, cause } = thrown as Partial<Record<string, unknown>>;
    return {
      name: textOr('Error', name),
      message: textOr('the store threw something that is no error', message),
      stack: textOr('', stack),
      code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
      cause,
    };
  } catch {
    return { ...none, message: 'the store threw something that cannot be read' };
  }
}

function textOr(other: string, value: unknown): string {
  return typeof value === 'string' ? value : other;
}

/** The lines of a stack that name places. The message before them can have several lines. */
function framesOf({ stack, message }: Found): readonly string[] {
  const at = stack.indexOf(message);
  return stack
    .slice(at < 0 ? 0 : at + message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '));
}

/** The tokens as they are, and as JSON and forms write them. The longest first, because one can be a part of another. */
function secretsOf(tokens: Tokens | undefined): readonly string[] {
  return [tokens?.accessToken ?? '', tokens?.refreshToken ?? '']
    .filter((token) => token.length >= SHORTEST)
    .flatMap((token) => [token, JSON.stringify(token).slice(1, -1), encodeURIComponent(token)])
    .sort((some, other) => other.length - some.length);
}

function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text).replace(NAMED, `$1${HIDDEN}`);
}
