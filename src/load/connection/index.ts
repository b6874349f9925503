export type { Answer, Connection, ConnectionOptions } from './connection.ts';
export { createGrpcConnection } from './grpc-connection.ts';
export { createHttpConnection } from './http-connection.ts';
