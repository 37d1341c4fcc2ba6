import { expect, test } from 'vitest';
import { ZstdFrames } from '../../../../runtime/call/answer/zstd-frames.js';

/** Made by `zstd` 1.5 of "abc": with and without a checksum, and of 300 zeros, whose block is a repeated byte. */
const FRAMES: Readonly<Record<string, string>> = {
  plain: '28b52ffd2003190000616263',
  checksum: '28b52ffd2403190000616263ce0cd29e',
  'a window and no size': '28b52ffd0058190000616263',
  'a repeated byte': '28b52ffd60 2c00 630900 00'.replaceAll(' ', ''),
  'a skippable frame before': '502a4d18020000000102 28b52ffd2003190000616263'.replaceAll(' ', ''),
  'two frames': '28b52ffd2003190000616263'.repeat(2),
  'two blocks': '28b52ffd2006 180000616263 190000616263'.replaceAll(' ', ''),
};

function complete(bytes: Uint8Array, size: number): boolean {
  const frames = new ZstdFrames();
  for (let at = 0; at < bytes.length; at += size) frames.split(bytes.subarray(at, at + size));
  return frames.complete;
}

test.each(Object.entries(FRAMES))('%s: whole only with its last byte, in pieces of any size', (name, hex) => {
  const bytes = Buffer.from(hex, 'hex');
  const ends = name === 'two frames' ? [bytes.length / 2] : name.startsWith('a skippable') ? [10] : [];
  for (const size of [1, 3, 1_000]) {
    for (let length = 0; length < bytes.length; length++)
      expect([length, complete(bytes.subarray(0, length), size)]).toEqual([length, ends.includes(length)]);
    expect(complete(bytes, size)).toBe(true);
  }
});

test('pieces end where a frame does, or where the bytes do', () => {
  const [plain = '', skippable = ''] = [FRAMES['plain'], '502a4d18020000000102'];
  const split = (hex: string): string[] => {
    const frames = new ZstdFrames();
    return frames.split(Buffer.from(hex, 'hex')).map((piece) => Buffer.from(piece).toString('hex'));
  };
  expect(split('')).toEqual([]);
  expect(split(plain)).toEqual([plain]);
  expect(split(plain + skippable + plain)).toEqual([plain, skippable, plain]);
  expect(split(plain + plain.slice(0, 9))).toEqual([plain, plain.slice(0, 8)]);
});
