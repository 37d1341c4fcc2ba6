/** For users' own tests: a clock that stands still, and a transport that answers from MSW handlers. Needs `msw`. */
export { FakeClock } from './fake-clock.js';
export { MockTransport, mockTransport, type SeenRequest } from './mock-transport.js';
