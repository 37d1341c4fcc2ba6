import { CircuitOpenError, HttpError } from 'fuseline';
import { SendGridClient } from 'fuseline/sendgrid';

const sendgrid = new SendGridClient({ token: 'test', baseUrl: process.env['VENDOR'], breaker: { failureThreshold: 2 } });
const body = {
  personalizations: [{ to: [{ email: 'mara@example.com' }] }],
  from: { email: 'homes@example.com' },
  subject: 'A house near the park',
  content: [{ type: 'text/plain', value: 'The viewing is on Friday at four.' }],
};
const sources: string[] = [];
for (let turn = 0; turn < 5; turn++) {
  const outcome = await sendgrid.mail.send({ body }).catch((error: unknown) => error);
  if (outcome instanceof HttpError) sources.push(`http ${outcome.status}`);
  else sources.push(outcome instanceof CircuitOpenError ? outcome.kind : `network ${outcome}`);
}
console.log(JSON.stringify({ sources, state: sendgrid.breaker('mail.send').state }));
