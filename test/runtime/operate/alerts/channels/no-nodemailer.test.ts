import { email } from 'fuseline/alerts';
import { expect, it, vi } from 'vitest';
import { until, withChannel } from './setup.js';

vi.mock('nodemailer', () => {
  throw new Error('Cannot find package');
});

it('without nodemailer, that is said at the start, and nothing is tried again and again', async () => {
  const { open, problems, clock } = withChannel(email({ host: '127.0.0.1', from: 'a@example.com', to: 'b@example.com' }), {});
  await until(clock, () => problems.length > 0);
  expect(problems).toEqual([
    {
      channel: 'email',
      kind: 'unavailable',
      cause: 'nodemailer_is_not_installed',
      attempts: 0,
      alert: null,
      lost: 0,
      message: 'alert channel email: it needs the package nodemailer: npm install nodemailer',
    },
  ]);
  open();
  await until(clock, () => problems.length > 1);
  expect(problems[1]).toMatchObject({ kind: 'failed', cause: 'nodemailer_is_not_installed', attempts: 1 });
});
