import { ConfigurationError } from '../../errors/configuration-error.js';

/** Returns the base URL of a client's requests; undefined if none is given. @throws {ConfigurationError} if no request can be sent there. */
export function parseBaseUrl(text: string | undefined, service: string): URL | undefined {
  if (text === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigurationError('baseUrl', withoutUser(text), `an absolute URL such as https://api.example.com for ${service}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ConfigurationError('baseUrl', url.protocol, 'an http or https URL');
  // None of these would be sent, so none is dropped in silence.
  if (url.username !== '' || url.password !== '')
    throw new ConfigurationError('baseUrl', withoutUser(text), 'a URL without a user', 'Give `credentials` instead.');
  if (url.search !== '' || url.hash !== '')
    throw new ConfigurationError('baseUrl', url.origin + url.pathname, 'a URL without query and fragment');
  return url;
}

/** A URL that is wrong may still hold a password. */
function withoutUser(text: string): string {
  // With one slash, with backslashes or with none, too: the URL standard takes them all for two.
  return text.replace(/^([a-z][a-z0-9+.-]*:(?=[/\\]))?[\s\S]*@/i, '$1//…@').replace(/[?#][\s\S]*/, '?…');
}
