import { isMapping } from './mapping.js';
import type { YamlPath } from './pointer.js';
import type { PlacedFinding } from './validate.js';

/** Returns all `alerts` blocks of a file: the one at the top level and those of environments. */
export function alertBlocks(
  data: unknown,
): readonly { readonly environment: string | undefined; readonly path: YamlPath; readonly block: unknown }[] {
  if (!isMapping(data)) return [];
  const { alerts, environments } = data;
  return [
    { environment: undefined, path: ['alerts'], block: alerts },
    ...Object.entries(isMapping(environments) ? environments : {}).map(([environment, content]) => ({
      environment,
      path: ['environments', environment, 'alerts'],
      block: isMapping(content) ? content['alerts'] : undefined,
    })),
  ];
}

/**
 * Finds secrets in the `alerts` blocks, which may contain only names of environment variables. Recognises secrets by their key or by their form. No
 * finding contains the value.
 */
export function secretFindings(data: unknown): readonly PlacedFinding[] {
  return alertBlocks(data).flatMap(({ path, block }) => [...walk(block, path.map(String))]);
}

function* walk(value: unknown, path: readonly string[]): Generator<PlacedFinding> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* walk(item, [...path, String(index)]);
  else if (isMapping(value)) for (const [key, item] of Object.entries(value)) yield* walk(item, [...path, key]);
  else {
    const key = path.findLast((step) => !/^\d+$/.test(step)) ?? '';
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && text !== '' && isSecret(key, text)) yield finding(key, path);
  }
}

/**
 * Matches a key and the value on the same line. An unquoted value also ends at the end of its braces. A match must start at the start of a word:
 * otherwise the time for a long word would grow with the square of its length.
 */
const KEY_AND_VALUE = /(?<![\w-])([\w-]+)(["']?:[ \t]+)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,{}[\]&*#|>][^,{}[\]\n]*)/g;

/**
 * Returns the text for frames. Everything that looks like a secret is hidden; the length does not change. Works on the text alone, so it also finds
 * secrets in invalid YAML and in unexpected places.
 */
export function withoutSecrets(text: string): string {
  // A text without keys and lists is not a configuration, and can be a file that contains a secret.
  if (!/[:[{]\s|[:[{]$|^[^\S\n]*[#-]/m.test(text)) return text.replace(/\S/g, '•');
  return text.replace(KEY_AND_VALUE, (whole, key: string, between: string, value: string) =>
    isSecret(key, value.trimEnd().replace(/^["']|["']$/g, '')) ? key + between + value.replace(/\S/g, '•') : whole,
  );
}

/** The allowed names of variables, as in the schema. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;
const SECRET_KEY = /pass(?:word|wd|phrase)?$|secret|token|(?:^|_)(?:key|auth|credentials?)$|^(?:slack|webhook|smtp)_?url$/i;
/** Keys whose URLs can contain long random parts that are not secrets, such as ids of dashboards. */
const PUBLIC_URL_KEYS = ['dashboard_url', 'runbook_url'];

function isSecret(key: string, text: string): boolean {
  // A value that is not the name of a variable is treated as the secret itself.
  if (key.endsWith('_env')) return !VARIABLE.test(text) || looksRandom(text);
  if (SECRET_KEY.test(key)) return true;
  return looksSecret(text, !PUBLIC_URL_KEYS.includes(key));
}

const TOKEN = /^(?:xox[a-z]-|xapp-|SG\.|sk[-_]|gh[a-z]_|github_pat_|glpat-|AKIA|whsec_|Bearer |Basic |eyJ[\w-]+\.|-----BEGIN )/;
/** Hosts whose URLs are secrets, because the URL alone gives the right to post. */
const SECRET_HOST = /^(?:hooks\.slack(?:-gov)?\.com|hooks\.zapier\.com|maker\.ifttt\.com|discord(?:app)?\.com|.*\.webhook\.office\.com)$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SECRET_PARAMETER = /token|key|secret|sig|auth|pass|code/i;

/** Returns true if the text has the form of a credential. If `strict` is true, a long random part in the path of a URL also counts as one. */
function looksSecret(text: string, strict = true): boolean {
  if (TOKEN.test(text)) return true;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return looksRandom(text);
  if (url.username !== '' || url.password !== '' || SECRET_HOST.test(url.hostname)) return true;
  if ([...url.searchParams.keys()].some((name) => SECRET_PARAMETER.test(name))) return true;
  return strict && url.pathname.split('/').some((part) => UUID.test(part) || part.split('-').some(looksRandom));
}

/** Returns true for 20 or more mixed letters and digits without a separator. */
function looksRandom(text: string): boolean {
  return /^[A-Za-z0-9+/=]{20,}$/.test(text) && /[0-9]/.test(text) && /[A-Za-z]/.test(text);
}

function finding(key: string, path: readonly string[]): PlacedFinding {
  const wanted = key.endsWith('_env') ? key : `${key.toLowerCase().replace(/[^a-z]+/g, '_')}_env`;
  const known = ['url_env', 'secret_env', 'routing_key_env', 'user_env', 'password_env'];
  const name = known.includes(wanted)
    ? wanted
    : (known.find((each) => wanted.endsWith(each)) ?? known.find((each) => each.startsWith(wanted.slice(0, 4))));
  return {
    code: 'secret-in-file',
    message: `\`${key}\` looks like a secret, expected no secret in this file, only names of environment variables in capitals`,
    hint: `Put the value into a variable, write ${name === undefined ? 'its name here' : `\`${name}: NAME_OF_THE_VARIABLE\``}, and replace the secret: it may have been seen.`,
    path,
    anchor: 'value',
  };
}
