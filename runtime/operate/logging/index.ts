/** Events for a logger. */
export { type LogEventsOptions, type Logger, type LogLevel, logEvents } from './log-events.js';
export { type LogRecord, logRecord } from './log-record.js';
