export type { Answer, Connection } from './connection.ts';
export { createGrpcConnection } from './grpc-connection.ts';
export { createHttpConnection } from './http-connection.ts';
