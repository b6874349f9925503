export { type Backoff, type BackoffOptions, createBackoff } from './backoff.ts';
export { formatByteSize, parseByteSize } from './byte-size.ts';
export { type Clock, endsWithin, sleep, systemClock, type Timer } from './clock.ts';
export { assertNever, CodedError, errorCode, errorMessage } from './coded-error.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { type Counter, MetricsRegistry } from './metrics.ts';
export { type ProcessStat, parseProcessStat } from './process-stat.ts';
export { Type } from './schema-type.ts';
export { sha256 } from './sha256.ts';
