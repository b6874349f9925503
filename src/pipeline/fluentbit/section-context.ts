import type { LoadedResource } from '../../apis/index.ts';
import { formatPath, type Issue, type Path, suggest } from '../../diagnostics/index.ts';
import { BUILT_IN_MULTILINE_PARSERS, type Problem, SHIPPED_PARSERS } from '../../fluentbit/index.ts';
import type { SecretText } from '../graph.ts';
import type { LogParserNode } from './graph.ts';

/** What the sections of one pipeline may name. */
export interface SectionNames {
  readonly files: ReadonlySet<string>;
  readonly variables: ReadonlyMap<string, SecretText>;
  readonly parsers: ReadonlySet<string>;
  readonly multilineParsers: ReadonlySet<string>;
}

export function parserNames(nodes: readonly LogParserNode[]): Pick<SectionNames, 'parsers' | 'multilineParsers'> {
  const named = (kind: LogParserNode['kind']) => nodes.filter((node) => node.kind === kind).map(({ name }) => name);
  return {
    parsers: new Set([...SHIPPED_PARSERS, ...named('parser')]),
    multilineParsers: new Set([...BUILT_IN_MULTILINE_PARSERS, ...named('multiline')]),
  };
}

/** A problem of a text in a manifest, at its place there. */
export function issueOf(problem: Problem, path: Path, { document }: Pick<LoadedResource, 'document'>): Issue {
  const { code, severity, message, start, end, label, help } = problem;
  return {
    code,
    severity,
    message: `\`${formatPath(document.written(path))}\` ${message}`,
    path,
    span: document.spanWithin(path, start, end) ?? document.nearestSpan(path),
    ...(label === undefined ? {} : { label }),
    ...(help === undefined ? {} : { help }),
  };
}

/** `did you mean`, or what there is. */
export function helpWith(name: string, known: Iterable<string>, otherwise: string): string {
  const near = suggest(name, known);
  return near === undefined ? otherwise : `did you mean \`${near}\`?`;
}
