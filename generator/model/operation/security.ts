import type { SchemeDescriptor, SecurityDescriptor } from '../../../runtime/call/client/descriptor.js';
import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { Cursor } from '../../read/cursor.js';
import { isObject, own } from '../../read/json.js';
import type { Refs } from '../../read/refs.js';

/**
 * Reads a `security` list into its alternatives, each once: a scheme, or all of several schemes. Undefined if there is no list. An empty alternative among
 * others, `{}`, means that credentials are optional.
 */
export function readSecurity(at: Cursor, root: Cursor, refs: Refs): SecurityDescriptor[] | undefined {
  if (!Array.isArray(at.value)) return undefined;
  const schemes = root.child('components').child('securitySchemes');
  const found = new Map<string, SecurityDescriptor>();
  let optional = false;
  for (const requirement of at.items()) {
    optional ||= isObject(requirement.value) && Object.keys(requirement.value).length === 0;
    /** By the place where the secret is sent: two schemes with one place have one secret. */
    const needed = new Map<string, SchemeDescriptor>();
    for (const name of requirement.entries()) {
      if (own(schemes.value, name.key) === undefined) {
        const known = isObject(schemes.value) ? Object.keys(schemes.value) : [];
        const close = nearest(name.key, known);
        refs.documents.reporter.fault(name, {
          code: 'unknown-security-scheme',
          message: `The security scheme ${quote(name.key)} is not declared under components.securitySchemes`,
          hint: close === undefined ? undefined : `Did you mean ${quote(close)}?`,
          done: 'left out',
          anchor: 'key',
        });
        continue;
      }
      const scheme = refs.follow(schemes.child(name.key), 'left out');
      const descriptor = scheme && readScheme(scheme, refs);
      const place = descriptor?.type === 'apiKey' ? `${descriptor.in} ${descriptor.name}` : 'authorization';
      if (descriptor !== undefined && !needed.has(place)) needed.set(place, { ...descriptor, scheme: name.key });
    }
    const [first, ...more] = needed.values();
    if (first === undefined) continue;
    const alternative: SecurityDescriptor = more.length === 0 ? first : { type: 'all', of: [first, ...more] };
    found.set(JSON.stringify(alternative), alternative);
  }
  return optional && found.size > 0 ? [...found.values(), { type: 'none' }] : [...found.values()];
}

const TYPES = ['http', 'apiKey', 'oauth2', 'openIdConnect', 'mutualTLS'];

function readScheme(at: Cursor, refs: Refs): SchemeDescriptor | undefined {
  const type = own(at.value, 'type');
  const reporter = refs.documents.reporter;
  if (type === 'oauth2' || type === 'openIdConnect') return { type: 'bearer' };
  if (type === 'http') {
    const scheme = String(own(at.value, 'scheme') ?? '').toLowerCase();
    if (scheme === 'bearer' || scheme === 'basic') return { type: scheme };
    reporter.warning(at.child('scheme'), {
      code: 'unsupported-security',
      message: `The HTTP authentication scheme ${quote(own(at.value, 'scheme'))} is not supported (bearer and basic are); set the header yourself.`,
    });
    return undefined;
  }
  if (type === 'apiKey') {
    const place = own(at.value, 'in');
    const name = own(at.value, 'name');
    if ((place === 'header' || place === 'query' || place === 'cookie') && typeof name === 'string' && name !== '') {
      return { type: 'apiKey', in: place, name };
    }
    reporter.fault(at, {
      code: 'invalid-security-scheme',
      message: 'Expected an API key with a `name` and an `in` of header, query or cookie',
      done: 'left out',
    });
    return undefined;
  }
  if (type === 'mutualTLS') return undefined;
  const close = typeof type === 'string' ? nearest(type, TYPES) : undefined;
  reporter.fault(type === undefined ? at : at.child('type'), {
    code: 'invalid-security-scheme',
    message: `Expected the \`type\` of a security scheme to be one of ${TYPES.join(', ')}, found ${type === undefined ? 'none' : quote(type)}`,
    hint: close === undefined ? undefined : `Did you mean "${close}"?`,
    done: 'left out',
  });
  return undefined;
}
