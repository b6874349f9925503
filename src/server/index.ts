export type * from './api.ts';
export { type AttemptLog, createAttemptLog } from './attempt-log.ts';
export { isLoopbackHost } from './http/guard.ts';
export type { PipelineRef } from './overview/pipeline-status.ts';
export { createServer, type ListenAddress, type Server, type ServerOptions } from './server.ts';
export {
  createViewer,
  defaultViewerLimits,
  type Viewer,
  type ViewerFilter,
  type ViewerLimits,
} from './viewer/viewer.ts';
