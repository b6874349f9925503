export type { Fix, Issue, SourceSpan } from './issue.ts';
