export type * from './api.ts';
export { createAttemptLog } from './attempt-log.ts';
export { isLoopbackHost } from './http/guard.ts';
export type { PipelineRef } from './overview/pipeline-status.ts';
export { createServer, type Server, type ServerOptions, type ServerProcess } from './server.ts';
export { createViewer, type Viewer } from './viewer/viewer.ts';
