export type { Images, OperatorOptions } from './options.ts';
