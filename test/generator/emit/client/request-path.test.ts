import { expect, test } from 'vitest';
import { requestPath } from '../../../../generator/emit/client/request-path.js';

test.each([
  ['/a-b_c.d~e/{id}:archive', '/a-b_c.d~e/{id}:archive'],
  ['/größe/{größe}/用户', '/gr%C3%B6%C3%9Fe/{größe}/%E7%94%A8%E6%88%B7'],
  ['/a b/%20/{id}?x=1', '/a%20b/%20/{id}?x=1'],
  ['/\ud800\r\n', '/%EF%BF%BD%0D%0A'],
])('requestPath(%j) is %j', (path, expected) => expect(requestPath(path)).toBe(expected));
