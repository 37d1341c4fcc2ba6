import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { BodyDecoder } from '../../../../runtime/call/answer/body-receiver.js';
import { AT_ONCE_BYTES, AT_ONCE_DECODED_BYTES, CodedBody } from '../../../../runtime/call/answer/coded-body.js';
import { codingsOf } from '../../../../runtime/call/answer/codings.js';
import { ENCODERS, encode, wireName, zeros } from '../../../support/encode.js';

const MIB = 1024 * 1024;

/** What the receiver got. */
interface Told {
  readonly bytes?: Uint8Array;
  readonly problem?: string;
  readonly coding?: string | undefined;
}

interface Body {
  readonly body: CodedBody;
  readonly told: Told[];
  readonly ended: Promise<Told>;
}

function coded(header: string, { maxBytes = 64 * MIB, decoded = false } = {}): Body {
  const told: Told[] = [];
  let resolve: (told: Told) => void = () => undefined;
  const ended = new Promise<Told>((settle) => (resolve = settle));
  const tell = (what: Told): void => {
    told.push(what);
    resolve(what);
  };
  const receiver = {
    onDecoded: (bytes: Uint8Array) => tell({ bytes }),
    onUndecodable: (problem: string, coding: string | undefined) => tell({ problem, coding }),
  };
  return { body: new CodedBody(codingsOf(header, decoded), maxBytes, receiver), told, ended };
}

/** Pushes the bytes in pieces of that size, and ends. */
function feed(body: BodyDecoder, bytes: Uint8Array, size = bytes.length): void {
  for (let at = 0; at < bytes.length; at += size) body.push(bytes.subarray(at, at + size));
  body.end();
}

const codings = Object.keys(ENCODERS);

describe.each(codings)('%s', (coding) => {
  const small = Buffer.from('{"a":"größe"}');
  // It does not compress, so it is large on the wire, too.
  const large = randomBytes(AT_ONCE_BYTES * 3);
  // Small on the wire, and too large to be decoded at once.
  const spread = Buffer.alloc(AT_ONCE_DECODED_BYTES * 3, 'a');

  test('a small body is decoded within end()', () => {
    for (const size of [1, 7, 1_000]) {
      const { body, told } = coded(wireName(coding));
      feed(body, encode(coding, small), size);
      expect(told.map(({ bytes }) => Buffer.from(bytes ?? []).toString())).toEqual([small.toString()]);
    }
  });

  test.each([
    ['large on the wire', large],
    ['large when decoded', spread],
  ])('a body that is %s is decoded later', async (_, plain) => {
    for (const size of [1_000, 1_000_000]) {
      const { body, told, ended } = coded(wireName(coding));
      feed(body, encode(coding, plain), size);
      expect(told).toEqual([]);
      expect(Buffer.from((await ended).bytes ?? []).equals(plain)).toBe(true);
      expect(told).toHaveLength(1);
    }
  });

  test('exactly the limit is allowed, one byte more is not, small or large', async () => {
    for (const plain of [small, large, spread]) {
      const fits = coded(wireName(coding), { maxBytes: plain.length });
      feed(fits.body, encode(coding, plain), 10_000);
      expect((await fits.ended).bytes?.length).toBe(plain.length);
      const over = coded(wireName(coding), { maxBytes: plain.length - 1 });
      feed(over.body, encode(coding, plain), 10_000);
      expect(await over.ended).toEqual({ problem: 'too_large', coding: undefined });
      expect(over.told).toHaveLength(1);
    }
  });

  test('a body that is cut off, or is something else, is broken', async () => {
    const named = wireName(coding) === 'x-gzip' ? 'gzip' : wireName(coding);
    for (const plain of [small, large]) {
      const whole = encode(coding, plain);
      for (const bytes of [whole.subarray(0, whole.length - 5), whole.subarray(0, whole.length >> 1)]) {
        const { body, told, ended } = coded(wireName(coding));
        feed(body, bytes, 10_000);
        expect(await ended).toEqual({ problem: 'broken_coding', coding: named });
        expect(told).toHaveLength(1);
      }
    }
    for (const length of [10, AT_ONCE_BYTES * 2]) {
      const { body, ended } = coded(wireName(coding));
      feed(body, Buffer.alloc(length, 0xff), 10_000);
      expect(await ended).toEqual({ problem: 'broken_coding', coding: named });
    }
  });

  test('after stop() nothing is told', async () => {
    const { body, told } = coded(wireName(coding));
    const bytes = encode(coding, large);
    body.push(bytes.subarray(0, AT_ONCE_BYTES + 1));
    body.stop();
    feed(body, bytes.subarray(AT_ONCE_BYTES + 1));
    // By the time that a body of twice the size is told, this one would have been.
    const later = coded(wireName(coding));
    feed(later.body, encode(coding, Buffer.concat([large, large])));
    expect((await later.ended).bytes).toBeDefined();
    expect(told).toEqual([]);
  });
});

/** gzip has members, zstd frames. A skippable frame of zstd holds data for others. */
const SEVERAL = codings.filter((coding) => ['gzip', 'x-gzip', 'zstd'].includes(coding));

describe.each(SEVERAL)('%s: a body of several parts', (coding) => {
  const skippable = Buffer.from('502a4d18020000000102', 'hex');
  const parts = (plain: readonly Uint8Array[]): Buffer => {
    const encoded = plain.map((part) => encode(coding, part));
    return Buffer.concat(coding === 'zstd' ? [skippable, ...encoded.flatMap((part) => [part, skippable])] : encoded);
  };

  test.each([
    ['small', [Buffer.from('first\n'), Buffer.from(''), Buffer.from('second\n')]],
    ['many', Array.from({ length: 500 }, (_, at) => Buffer.from(`${at}\n`))],
    ['large on the wire', [randomBytes(AT_ONCE_BYTES), randomBytes(AT_ONCE_BYTES * 2), Buffer.from('end')]],
    ['large when decoded', [Buffer.alloc(AT_ONCE_DECODED_BYTES, 'a'), Buffer.alloc(AT_ONCE_DECODED_BYTES * 2, 'b')]],
  ])('%s: all of it is decoded', async (_, plain) => {
    const bytes = parts(plain);
    for (const size of [1, 1_000, 1_000_000].filter((given) => bytes.length / given < 5_000)) {
      const { body, ended } = coded(coding);
      feed(body, bytes, size);
      expect(Buffer.from((await ended).bytes ?? []).equals(Buffer.concat(plain))).toBe(true);
    }
  });

  test('the limit applies to all parts together', async () => {
    for (const length of [40, AT_ONCE_DECODED_BYTES]) {
      const bytes = parts([Buffer.alloc(length), Buffer.alloc(length)]);
      for (const [maxBytes, problem] of [
        [2 * length, undefined],
        [2 * length - 1, 'too_large'],
        [length, 'too_large'],
      ] as const) {
        const { body, ended } = coded(coding, { maxBytes });
        feed(body, bytes);
        expect((await ended).problem).toBe(problem);
      }
    }
  });

  test('a later part that is cut off is told', async () => {
    const bytes = Buffer.concat([encode(coding, 'first'), encode(coding, 'second')]);
    const { body, ended } = coded(coding);
    feed(body, bytes.subarray(0, -1));
    expect(await ended).toEqual({ problem: 'broken_coding', coding: coding === 'x-gzip' ? 'gzip' : coding });
  });
});

test('codings on top of one another are undone in the reverse order, small and large', async () => {
  for (const plain of [Buffer.from('{}'), randomBytes(200_000), Buffer.alloc(5 * MIB)]) {
    const { body, ended } = coded('gzip, br, deflate');
    feed(body, encode('deflate', encode('br', encode('gzip', plain))), 30_000);
    expect(Buffer.from((await ended).bytes ?? []).equals(plain)).toBe(true);
  }
});

test('the limit applies to each coding', async () => {
  const inner = await zeros('gzip', 64 * MIB);
  const { body, ended } = coded('gzip, br', { maxBytes: 10_000 });
  feed(body, encode('br', inner));
  expect(await ended).toMatchObject({ problem: 'too_large' });
});

test('a bomb is not decoded at once', async () => {
  const bomb = await zeros('br', 256 * MIB);
  expect(bomb.length).toBeLessThan(AT_ONCE_BYTES);
  const { body, told, ended } = coded('br', { maxBytes: 4 * MIB });
  feed(body, bomb);
  expect(told).toEqual([]);
  expect(await ended).toEqual({ problem: 'too_large', coding: undefined });
});

describe('nothing to undo', () => {
  test.each(['identity', 'utf-8', ''])('%j', (header) => {
    const { body, told } = coded(header);
    feed(body, Buffer.from('{}'), 1);
    expect(told.map(({ bytes }) => Buffer.from(bytes ?? []).toString())).toEqual(['{}']);
  });

  test('the transport has decoded', () => {
    const { body, told } = coded('gzip', { decoded: true });
    feed(body, Buffer.from('{}'));
    expect(told.map(({ bytes }) => Buffer.from(bytes ?? []).toString())).toEqual(['{}']);
  });

  test('no body', () => {
    for (const header of [...codings.map(wireName), 'foo', 'gzip, br']) {
      const { body, told } = coded(header);
      body.end();
      expect(told.map(({ bytes }) => bytes?.length)).toEqual([0]);
    }
  });
});

test('an unknown coding is named, and its body is not kept', () => {
  const { body, told } = coded('gzip, foo');
  feed(body, Buffer.from('bytes'), 1);
  expect(told).toEqual([{ problem: 'unknown_coding', coding: 'foo' }]);
});

describe('without node:zlib', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** The decoder as it is on a platform without `process.getBuiltinModule`. */
  async function elsewhere(): Promise<typeof import('../../../../runtime/call/answer/body-decoder.js')> {
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
    vi.resetModules();
    return import('../../../../runtime/call/answer/body-decoder.js');
  }

  const through = async (header: string, bytes: Uint8Array, maxBytes = MIB): Promise<Told> => {
    const { bodyDecoder } = await elsewhere();
    return new Promise((resolve) => {
      const receiver = {
        onDecoded: (decoded: Uint8Array) => resolve({ bytes: decoded }),
        onUndecodable: (problem: string, coding: string | undefined) => resolve({ problem, coding }),
      };
      const decoder = bodyDecoder(header, false, maxBytes, receiver);
      if (decoder !== undefined) feed(decoder, bytes, 100);
    });
  };

  test.each(['gzip', 'deflate', 'raw-deflate'])('%s is undone by a DecompressionStream', async (coding) => {
    const plain = randomBytes(100_000);
    expect(Buffer.from((await through(wireName(coding), encode(coding, plain))).bytes ?? []).equals(plain)).toBe(true);
    expect(await through(wireName(coding), encode(coding, plain).subarray(0, 5_000))).toMatchObject({ problem: 'broken_coding' });
    expect(await through(wireName(coding), encode(coding, plain), 50_000)).toMatchObject({ problem: 'too_large' });
  });

  test('br is unknown', async () => {
    expect(await through('br', encode('br', 'a'))).toEqual({ problem: 'unknown_coding', coding: 'br' });
  });
});
