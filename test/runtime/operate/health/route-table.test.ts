import { ConfigurationError } from 'fuseline';
import type { Route } from 'fuseline/health';
import { describe, expect, test } from 'vitest';
import { RouteTable } from '../../../../runtime/operate/health/route-table.js';

const route = (path: string, method: Route['method'] = 'GET', permission: Route['permission'] = 'none'): Route => ({
  method,
  path,
  permission,
  handle: () => new Response(),
});
const table = (...routes: Route[]) => new RouteTable([], routes, () => true);

describe('finds', () => {
  test('a literal before a parameter, in whatever order they were given', () => {
    const given = table(route('/of/{name}'), route('/of/all'), route('/{any}/all'), route('/of/{name}/all'));
    expect(given.find('/of/all')?.pattern).toBe('/of/all');
    expect(given.find('/of/one')).toMatchObject({ pattern: '/of/{name}', encoded: { name: 'one' } });
    expect(given.find('/by/all')).toMatchObject({ pattern: '/{any}/all', encoded: { any: 'by' } });
    expect(given.find('/of/all/all')).toMatchObject({ pattern: '/of/{name}/all', encoded: { name: 'all' } });
  });

  test.each(['', '/', '/of', '/of/', '/of//', '/of/one/', '/OF/one', '/%6ff/one', 'of/one'])('nothing at %j', (path) => {
    expect(table(route('/of/{name}')).find(path)).toBeUndefined();
  });

  test('both methods of one path', () => {
    const found = table(route('/of/{name}'), route('/of/{name}', 'POST')).find('/of/x');
    expect([...(found?.methods.keys() ?? [])]).toEqual(['GET', 'POST']);
  });

  test('the root', () => {
    expect(table(route('/')).find('/')?.pattern).toBe('/');
  });

  test('not what is not there, which is checked all the same', () => {
    const admin = route('/of/{name}', 'POST', 'admin');
    const without = (...routes: Route[]) => new RouteTable([], routes, ({ permission }) => permission !== 'admin');
    expect([without(admin).find('/of/x'), without(admin).patterns]).toEqual([undefined, []]);
    expect(() => without({ ...admin, path: 'of' })).toThrow(ConfigurationError);
  });
});

describe('refuses', () => {
  test.each([
    'of',
    '',
    '/of/',
    '//of',
    '/of/{}',
    '/of/{a}{b}',
    '/of/x{a}',
    '/{a}/{a}',
    '/of?x',
    '/of#x',
    '/of/*',
    '/of/:id',
    '/a b',
    '/ü',
    '/.',
  ])('the path %j', (path) => {
    expect(() => table(route(path))).toThrow(/routes\[0\]\.path is .*expected a path such as/);
  });

  test('a second route of one method and path', () => {
    expect(() => table(route('/a'), route('/a'))).toThrow('routes[1].path is "/a", expected a path that no other GET route has');
    expect(() => table(route('/{a}'), route('/{b}', 'POST'))).toThrow("expected the same names as '/{a}'");
    expect(() => new RouteTable([route('/a')], [route('/a')], () => true)).toThrow('routes[0].path');
  });

  test('what is no list', () => {
    expect(() => new RouteTable([], {} as readonly Route[], () => true)).toThrow('routes is an object, expected a list of routes');
  });
});
