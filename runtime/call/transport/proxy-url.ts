import { ConfigurationError, Wording } from '../../errors/configuration-error.js';

/** A proxy that a variable of the environment names. */
export interface ProxyAddress {
  /** Without user and password, so that no error and no log can show them. */
  readonly url: string;
  /** Host and port, for errors. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

/** The protocols of undici's `ProxyAgent`. */
const PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:', 'socks5:', 'socks:']);

/**
 * Reads the value of a variable such as `HTTPS_PROXY`. Without a scheme it is a proxy with HTTP, as for curl.
 *
 * @throws {ConfigurationError} that names the variable. It never shows the value, which can hold a password.
 */
export function readProxy(variable: string, value: string): ProxyAddress {
  const written = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const username = decoded(url?.username ?? '');
  const password = decoded(url?.password ?? '');
  if (url === undefined || url.hostname === '' || !PROTOCOLS.has(url.protocol) || username === undefined || password === undefined)
    throw new ConfigurationError(variable, NOT_SHOWN, 'the URL of a proxy, such as http://proxy.internal:3128 (http, https or socks5)');
  return { url: `${url.protocol}//${url.host}`, host: url.host, username, password };
}

const NOT_SHOWN = new Wording('a value that is not shown, because it can hold a password');

/** Returns undefined for a broken percent-encoding. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
