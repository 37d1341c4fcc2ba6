/**
 * Run by `node --test`: calls and functions that hang, with nothing that keeps the process alive but their deadlines. The second of each finds the
 * timer of the first.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCircuitBreaker, protect } from 'fuseline/protect';
import { mockTransport } from 'fuseline/testing';
import { http } from 'msw';
import { getThing, testClient } from './client.js';

const dispatcher = mockTransport(http.all('*', () => new Promise<never>(() => undefined)));
const acme = testClient({ dispatcher, baseUrl: 'http://acme.test', token: 't', timeoutMs: 50, totalTimeoutMs: 10_000, retry: false });
const hanging = protect(() => new Promise(() => undefined), { breaker: getCircuitBreaker('hangs'), timeoutMs: 50 });

for (const round of ['first', 'second']) {
  test(`${round} call`, () => assert.rejects(acme.call(getThing, { id: 1 }), { name: 'TimeoutError' }));
  test(`${round} function`, () => assert.rejects(hanging(), { name: 'TimeoutError' }));
}
