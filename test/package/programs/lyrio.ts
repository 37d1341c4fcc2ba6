import { LyrioClient } from 'fuseline/lyrio';

const lyrio = new LyrioClient({ token: 'test', baseUrl: process.env['VENDOR'], retry: false, breaker: { failureThreshold: 2 } });
const sources: string[] = [];
for (let turn = 0; turn < 5; turn++) {
  const answer = await lyrio.calls
    .syncSummary(
      { body: { contact_id: 'lyr_1', activity_type: 'ai_call', call_id: 'call_1', sentiment: 'Positive' } },
      { timeoutMs: 5_000, fallback: { queued: true } },
    )
    .result();
  sources.push(answer.ok ? `${answer.source} ${JSON.stringify(answer.data)}` : answer.error.message);
}
console.log(JSON.stringify({ sources, state: lyrio.breaker('calls.syncSummary').state }));
