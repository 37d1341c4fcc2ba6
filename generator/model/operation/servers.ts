import { quote } from '../../../runtime/config/quote.js';
import type { Cursor } from '../../read/cursor.js';
import { own, text } from '../../read/json.js';
import type { Reporter } from '../../read/reporter.js';

export interface Server {
  readonly url: string;
  readonly description: string | undefined;
}

/** Reads a `servers` list: absolute URLs, with the defaults of their variables, without a trailing slash. */
export function readServers(at: Cursor, reporter: Reporter): Server[] {
  const servers: Server[] = [];
  for (const item of at.items()) {
    const url = readUrl(item, reporter);
    if (url !== undefined) servers.push({ url, description: text(own(item.value, 'description')) });
  }
  return servers;
}

function readUrl(at: Cursor, reporter: Reporter): string | undefined {
  const template = own(at.value, 'url');
  if (typeof template !== 'string') {
    reporter.fault(at, {
      code: 'invalid-server',
      message: `Expected a server with a \`url\`, found ${template === undefined ? 'none' : quote(template)}`,
      done: 'left out',
    });
    return undefined;
  }
  let complete = true;
  const filled = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = own(own(own(at.value, 'variables'), name), 'default');
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    reporter.fault(at.child('url'), {
      code: 'invalid-server',
      message: `The variable ${quote(name)} of the server's URL has no default`,
      done: 'left out',
    });
    complete = false;
    return '';
  });
  if (!complete) return undefined;
  // The URL is relative to the address where the document was published. A file does not contain that address.
  if (/^\.{0,2}\//.test(filled) && !filled.startsWith('//')) {
    if (filled !== '/') {
      reporter.warning(at.child('url'), {
        code: 'relative-server',
        message: `The server ${quote(filled)} names no host; the client needs a \`baseUrl\` that ends in it.`,
      });
    }
    return undefined;
  }
  if (!URL.canParse(filled) || !/^https?:$/.test(new URL(filled).protocol) || /[\s"'<>\\`]/.test(filled)) {
    reporter.fault(at.child('url'), {
      code: 'invalid-server',
      message: `Expected an http or https URL, found ${quote(filled)}`,
      done: 'left out',
    });
    return undefined;
  }
  return filled.replace(/\/+$/, '');
}
