export { createSink, defaultSinkPort, type Sink, type SinkOptions } from './sink.ts';
export { serveSinkControl } from './sink-control.ts';
export { describeSinkMode, parseSinkMode, SINK_MODE_SYNTAX, type SinkMode } from './sink-mode.ts';
export { type SinkStats, totalStats } from './sink-stats.ts';
