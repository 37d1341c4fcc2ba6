import { expect, test } from 'vitest';
import { connectionFault, FAULT_TEXTS } from '../../../runtime/errors/connection-fault.js';

test.each([
  ['ECONNREFUSED', undefined, 'refused'],
  ['ENOTFOUND', 'getaddrinfo', 'dns'],
  ['EAI_AGAIN', 'getaddrinfo', 'dns'],
  ['ENODATA', 'queryA', 'dns'],
  ['ECONNREFUSED', 'queryA', 'dns'],
  ['CERT_HAS_EXPIRED', undefined, 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', undefined, 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', undefined, 'tls'],
  ['EPROTO', 'write', 'tls'],
  ['UND_ERR_CONNECT_TIMEOUT', undefined, 'connect_timeout'],
  ['ETIMEDOUT', 'connect', 'connect_timeout'],
  ['ETIMEDOUT', 'read', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', undefined, 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', undefined, 'body_timeout'],
  ['EHOSTUNREACH', 'connect', 'unreachable'],
  ['EMFILE', 'connect', 'local'],
  ['EMFILE', 'getaddrinfo', 'local'],
  ['ENFILE', 'socket', 'local'],
  ['ENOBUFS', 'connect', 'local'],
  ['EADDRNOTAVAIL', 'bind', 'local'],
  ['EPERM', 'connect', 'local'],
  ['EACCES', 'connect', 'local'],
  ['ENOENT', 'open', 'local'],
  ['ENOENT', 'connect', 'network'],
  ['ERR_OSSL_PEM_NO_START_LINE', undefined, 'local'],
  ['UND_ERR_MAX_ORIGINS_REACHED', undefined, 'local'],
  ['ECONNRESET', 'read', 'reset'],
  ['EPIPE', 'write', 'reset'],
  ['UND_ERR_SOCKET', undefined, 'reset'],
  ['HPE_INVALID_CONSTANT', undefined, 'protocol'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', undefined, 'protocol'],
  ['UND_ERR_CLOSED', undefined, 'network'],
  ['a secret of a server', undefined, 'network'],
  ['constructor', undefined, 'network'],
] as const)('%s of %s: %s', (code, syscall, fault) => {
  expect(connectionFault(code, syscall)).toBe(fault);
  expect(FAULT_TEXTS[fault]).not.toBe('');
});
