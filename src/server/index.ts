export type * from './api.ts';
export { type AttemptLog, createAttemptLog } from './attempt-log.ts';
export { isLoopbackHost } from './http/guard.ts';
export { BACKEND_ADVICE } from './overview/backend-advice.ts';
export { inPipelineWords } from './overview/backend-status.ts';
export type { PipelineRef } from './overview/pipeline-ref.ts';
export { createServer, type Server } from './server.ts';
export type { ServerOptions, ServerProcess } from './server-options.ts';
export { createViewer, type Viewer } from './viewer/viewer.ts';
