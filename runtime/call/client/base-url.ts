import { ConfigurationError } from '../../errors/configuration-error.js';

/** Parses the base URL of a client; returns undefined if none is given. @throws {ConfigurationError} if it is not a usable http or https URL. */
export function parseBaseUrl(text: string | undefined, service: string): URL | undefined {
  if (text === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigurationError('baseUrl', withoutUser(text), `an absolute URL such as https://api.example.com for ${service}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ConfigurationError('baseUrl', url.protocol, 'an http or https URL');
  // None of these parts would be sent, so they are refused instead of ignored.
  if (url.username !== '' || url.password !== '')
    throw new ConfigurationError('baseUrl', withoutUser(text), 'a URL without a user', 'Give `credentials` instead.');
  if (url.search !== '' || url.hash !== '')
    throw new ConfigurationError('baseUrl', url.origin + url.pathname, 'a URL without query and fragment');
  return url;
}

/** Removes user, password, query and fragment from a text, because an invalid URL can still contain a password. */
function withoutUser(text: string): string {
  // The URL standard accepts one slash, backslashes or none in place of two slashes.
  return text.replace(/^([a-z][a-z0-9+.-]*:(?=[/\\]))?[\s\S]*@/i, '$1//…@').replace(/[?#][\s\S]*/, '?…');
}
