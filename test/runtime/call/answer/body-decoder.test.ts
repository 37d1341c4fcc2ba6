import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { encode } from '../../../support/encode.js';

let told: string[] = [];

const receiver = {
  onDecoded: (bytes: Uint8Array): void => void told.push(Buffer.from(bytes).toString()),
  onUndecodable: (problem: string, coding: string | undefined): void => void told.push(`${problem} ${coding}`),
};

/** The module as it is before the first coded body of a process. */
async function fresh(): Promise<typeof import('../../../../runtime/call/answer/body-decoder.js')> {
  vi.resetModules();
  return import('../../../../runtime/call/answer/body-decoder.js');
}

beforeEach(() => {
  told = [];
});

afterEach(() => {
  vi.doUnmock('../../../../runtime/call/answer/coded-body.js');
  vi.resetModules();
});

const body = encode('gzip', '{"a":1}');

test('the first body waits for the code, the next is decoded at once', async () => {
  const { bodyDecoder } = await fresh();
  for (const expected of [[], ['{"a":1}', '{"a":1}']]) {
    const decoder = bodyDecoder('gzip', false, 1_000, receiver);
    for (const byte of body) decoder?.push(Uint8Array.of(byte));
    decoder?.end();
    expect(told).toEqual(expected);
    await vi.waitFor(() => expect(told).not.toEqual([]));
  }
});

test('pieces that come after the code are decoded, too', async () => {
  const { bodyDecoder } = await fresh();
  const decoder = bodyDecoder('gzip', false, 1_000, receiver);
  decoder?.push(body.subarray(0, 5));
  await import('../../../../runtime/call/answer/coded-body.js');
  await new Promise((resolve) => setImmediate(resolve));
  decoder?.push(body.subarray(5));
  decoder?.end();
  await vi.waitFor(() => expect(told).toEqual(['{"a":1}']));
});

test('a body whose attempt is over is not told', async () => {
  const { bodyDecoder } = await fresh();
  const decoder = bodyDecoder('gzip', false, 1_000, receiver);
  decoder?.push(body);
  decoder?.end();
  decoder?.stop();
  await import('../../../../runtime/call/answer/coded-body.js');
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
});

test('an unknown coding is told within the first body, too', async () => {
  const { bodyDecoder } = await fresh();
  const decoder = bodyDecoder('foo', false, 1_000, receiver);
  decoder?.push(body);
  decoder?.end();
  await vi.waitFor(() => expect(told).toEqual(['unknown_coding foo']));
});

test('code that cannot be loaded is named, and the next body tries again', async () => {
  vi.doMock('../../../../runtime/call/answer/coded-body.js', () => {
    throw new Error('EMFILE');
  });
  const { bodyDecoder } = await fresh();
  bodyDecoder('gzip', false, 1_000, receiver)?.end();
  await vi.waitFor(() => expect(told).toEqual(['unknown_coding code that cannot be loaded']));
});

test('there is no decoder where nothing is to be undone', async () => {
  const { bodyDecoder } = await fresh();
  expect([bodyDecoder('identity', false, 1_000, receiver), bodyDecoder('gzip', true, 1_000, receiver)]).toEqual([undefined, undefined]);
});
