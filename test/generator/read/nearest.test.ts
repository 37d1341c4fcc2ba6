import { describe, expect, it } from 'vitest';
import { nearest } from '../../../generator/read/nearest.js';

describe('nearest', () => {
  it.each([
    ['qery', ['path', 'query', 'header'], 'query'],
    ['QUERY', ['query'], 'query'],
    ['hedaer', ['header', 'query'], 'header'],
    ['contactId', ['contactID', 'conversationId'], 'contactID'],
    ['pth', ['path'], 'path'],
    ['x', ['query', 'path'], undefined],
    ['completelyDifferent', ['query'], undefined],
    ['anything', [], undefined],
  ])('%s among %j is %s', (name, candidates, want) => {
    expect(nearest(name, candidates)).toBe(want);
  });
});
