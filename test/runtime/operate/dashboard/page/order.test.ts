import { describe, expect, it } from 'vitest';
import { ALL, arranged, type View } from '../../../../../runtime/operate/dashboard/page/order.js';
import { NOW, rowWith } from './rows.js';

const rows = [
  rowWith({ name: 'closed-b', rate: 5, latency: null, since: NOW }),
  rowWith({ name: 'open', state: 'open', rate: 1, failedShare: 1, errors: [['http_503', 3, NOW]] }),
  rowWith({ name: 'closed-a', rate: 5, failedShare: null }),
  rowWith({ name: 'probing', service: 'Retell', state: 'half_open', latency: [1, 900, 950] }),
];

function names(view: Partial<View>): readonly string[] {
  return arranged(rows, { ...ALL, ...view }).map(({ name }) => name);
}

describe('the order of circuits', () => {
  it.each([
    ['problems', ['open', 'probing', 'closed-a', 'closed-b']],
    ['name', ['closed-a', 'closed-b', 'open', 'probing']],
    ['rate', ['closed-a', 'closed-b', 'open', 'probing']],
    ['failed', ['open', 'closed-b', 'probing', 'closed-a']],
    ['p95', ['probing', 'closed-a', 'open', 'closed-b']],
    ['since', ['closed-b', 'closed-a', 'open', 'probing']],
    ['errors', ['open', 'closed-a', 'closed-b', 'probing']],
  ] as const)('by %s', (sort, expected) => expect(names({ sort })).toEqual(expected));

  it.each([
    ['closed', ['closed-a', 'closed-b']],
    ['RETELL', ['probing']],
    ['503', ['open']],
    ['a  closed', ['closed-a']],
    ['nothing', []],
  ] as const)('of those that match %j', (text, expected) => expect(names({ text })).toEqual(expected));

  it('of one group', () => {
    expect(names({ group: 'down' })).toEqual(['open']);
    expect(names({ group: 'closed', text: 'b' })).toEqual(['closed-b']);
  });
});
