import { expect, test, vi } from 'vitest';

const place = { service: 'ghl', operation: 'contacts.get' };

async function copy() {
  vi.resetModules();
  const [base, calls, http, configuration] = await Promise.all([
    import('../../../runtime/errors/base.js'),
    import('../../../runtime/errors/call-errors.js'),
    import('../../../runtime/errors/http-error.js'),
    import('../../../runtime/errors/configuration-error.js'),
  ]);
  return { ...base, ...calls, ...http, ...configuration };
}

test('instanceof holds across two copies of the package, class by class', async () => {
  const [mine, yours] = [await copy(), await copy()];
  expect(mine.HttpError).not.toBe(yours.HttpError);
  const http = new mine.HttpError(404, { ...place, method: 'GET', path: '/', body: undefined, headers: {}, retryAfterMs: undefined });
  const errors = [
    http,
    new mine.CircuitOpenError(place, 'ghl', 5),
    new mine.TimeoutError(place, 'total', 5, 'body'),
    new mine.NetworkError(place, 'ECONNRESET', true),
    new mine.ResponseParseError(place, 'too_large', 200, undefined, 5),
    new mine.RetryExhaustedError(place, 1, [http], http),
    new mine.CallAbortedError(place, 'why'),
    new mine.RequestError(place, 'why'),
    new mine.ConfigurationError('a', 1, 'b'),
  ];
  const classes = [
    yours.HttpError,
    yours.CircuitOpenError,
    yours.TimeoutError,
    yours.NetworkError,
    yours.ResponseParseError,
    yours.RetryExhaustedError,
    yours.CallAbortedError,
    yours.RequestError,
    yours.ConfigurationError,
  ];
  for (const [at, error] of errors.entries()) {
    expect(error).toBeInstanceOf(yours.FuselineError);
    expect(classes.filter((one) => error instanceof one)).toEqual([classes[at]]);
  }
});

test('a subclass of one copy is an instance of its base in the other, and not the reverse', async () => {
  const [mine, yours] = [await copy(), await copy()];
  class Mine extends mine.TimeoutError {}
  class Yours extends yours.TimeoutError {}
  const error = new Mine(place, 'total', 5, 'body');
  expect(error).toBeInstanceOf(yours.TimeoutError);
  expect(error).not.toBeInstanceOf(Yours);
});
