import { expect, test, vi } from 'vitest';
import { MAX_BODY_BYTES, withBody } from '../../../../runtime/operate/health/body.js';

const post = (body: string | ReadableStream | null, headers: Record<string, string> = {}) =>
  new Request('http://localhost/', { method: 'POST', body, headers, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) });

/** As many chunks as are taken. */
function endless(cancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384)), cancel });
}

test('a body within the limit is there to be read, its headers and signal too', async () => {
  const aborter = new AbortController();
  const request = await withBody(new Request(post('x'.repeat(MAX_BODY_BYTES), { 'x-more': 'yes' }), { signal: aborter.signal }));
  expect((await request?.text())?.length).toBe(MAX_BODY_BYTES);
  expect(request?.headers.get('x-more')).toBe('yes');
  aborter.abort();
  expect(request?.signal.aborted).toBe(true);
});

test('no body is an empty one', async () => {
  expect(await (await withBody(post(null)))?.text()).toBe('');
});

test('one that is announced as too large is not read', async () => {
  const [pull, cancel] = [vi.fn(), vi.fn()];
  const body = new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
  expect(await withBody(post(body, { 'content-length': String(MAX_BODY_BYTES + 1) }))).toBeUndefined();
  expect([pull.mock.calls.length, cancel.mock.calls.length]).toEqual([0, 1]);
});

test.each([{}, { 'content-length': '3' }])('one that turns out too large is read no further, announced as %o', async (headers) => {
  const cancel = vi.fn();
  expect(await withBody(post(endless(cancel), headers as Record<string, string>))).toBeUndefined();
  expect(cancel).toHaveBeenCalledOnce();
});

test('one that breaks off is an error', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) });
  await expect(withBody(post(body))).rejects.toThrow('broken');
});
