/** Tools for users' own tests: a clock that stands still, and transports that answer from MSW handlers. Needs `msw`. */
export { FakeClock } from './fake-clock.js';
export { MockServer, type OutageKind } from './mock-server.js';
export { MockTransport, mockTransport, type SeenRequest } from './mock-transport.js';
