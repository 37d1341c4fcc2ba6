import { matchRequestUrl } from 'msw';
import { describe, expect, test } from 'vitest';
import { comparePaths, mswPath } from '../../../../generator/emit/mocks/msw-path.js';

const bases = ['https://api.acme.example/v1', 'http://localhost:8080', '*'];

function match(path: string, url: string, base = bases[0]): Record<string, unknown> | undefined {
  const origin = base === '*' ? 'https://any.example' : base;
  const found = matchRequestUrl(new URL(`${origin}${url}`), base + mswPath(path));
  return found.matches ? { ...found.params } : undefined;
}

describe('mswPath', () => {
  test.each([
    ['/contacts/{contactId}', '/contacts/con_1', { contactId: 'con_1' }],
    ['/contacts/{contactId}', '/contacts/mara%40example.com', { contactId: 'mara@example.com' }],
    ['/subusers:batchAdd', '/subusers:batchAdd', {}],
    ['/a:1/b', '/a:1/b', {}],
    ['/files/{file-id}.{ext}', '/files/f1.pdf', { file_id: 'f1', ext: 'pdf' }],
    ['/files/{id}raw', '/files/f1raw', { id: 'f1' }],
    ['/odata/Users({id})', '/odata/Users(7)', { id: '7' }],
    ['/a+b/c*d/e|f', '/a+b/c*d/e|f', {}],
    ['/with space/{1st}', '/with%20space/x', { _1st: 'x' }],
    ['/v1.0/things', '/v1.0/things', {}],
    ['/list/', '/list/', {}],
    ['/query?kind=a', '/query?kind=b', {}],
    ['/{a}/{a}', '/x/y', { a: 'x', a2: 'y' }],
    ['/o/{id}~x/$value', '/o/1~x/$value', { id: '1' }],
  ])('%s answers %s', (path, url, params) => {
    for (const base of bases) expect(match(path, url, base)).toMatchObject(params);
  });

  test.each([
    ['/contacts/{id}', '/contacts'],
    ['/contacts/{id}', '/contacts/a/b'],
    ['/list/', '/list'],
    ['/v1.0/x', '/v1a0/x'],
    ['/a+b', '/aab'],
    ['/c*d', '/cxxd'],
    ['/Users({id})', '/Users7'],
  ])('%s does not answer %s', (path, url) => expect(match(path, url)).toBeUndefined());
});

describe('comparePaths', () => {
  test('the more exact path is asked first', () => {
    const paths = ['/c/{id}', '/{any}', '/c', '/c/', '/c/search', '/c/{id}/notes', '/c/{id}.json', '/b'];
    const sorted = [...paths].sort(comparePaths);
    const earlier = (a: string, b: string): void => expect(sorted.indexOf(a)).toBeLessThan(sorted.indexOf(b));
    earlier('/c/search', '/c/{id}');
    earlier('/c/', '/c');
    earlier('/c', '/{any}');
    earlier('/c/{id}.json', '/c/{id}');
  });
});
