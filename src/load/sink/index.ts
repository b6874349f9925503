export { createSink, defaultSinkPort, type Sink, type SinkOptions } from './sink.ts';
export { type SinkControl, serveSinkControl } from './sink-control.ts';
export { describeSinkMode, formatSinkMode, parseSinkMode, SINK_MODE_SYNTAX, type SinkMode } from './sink-mode.ts';
export { type SinkSignalStats, type SinkStats, totalStats } from './sink-stats.ts';
