import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readProxy } from '../../../../runtime/call/transport/proxy-url.js';

test.each([
  ['127.0.0.1:3128', 'http://127.0.0.1:3128', '', ''],
  ['proxy.internal', 'http://proxy.internal', '', ''],
  ['localhost:3128', 'http://localhost:3128', '', ''],
  ['user:hunter2@proxy.internal:3128', 'http://proxy.internal:3128', 'user', 'hunter2'],
  ['http://user@proxy.internal:3128/', 'http://proxy.internal:3128', 'user', ''],
  ['HTTPS://u%40x:p%3A%2F@proxy.internal/path', 'https://proxy.internal', 'u@x', 'p:/'],
  ['socks5://u:p@[::1]:1080', 'socks5://[::1]:1080', 'u', 'p'],
] as const)('%s', (value, url, username, password) => {
  expect(readProxy('HTTPS_PROXY', value)).toEqual({ url, host: url.replace(/^\w+:\/\//, ''), username, password });
});

test.each([
  'http://user:hunter2@proxy:99999',
  'ftp://user:hunter2@proxy',
  'http://',
  'user:hunter2@',
  'http://user:hunter2%zz@proxy',
  'hunter2 hunter2',
])('%s is refused, and not shown', (value) => {
  let error: unknown;
  try {
    readProxy('https_proxy', value);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({
    kind: 'configuration',
    option: 'https_proxy',
    message: expect.stringMatching(/^https_proxy is .*http:\/\/proxy\.internal/),
  });
  expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain('hunter2');
});
