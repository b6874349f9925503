import {
  describeField,
  type FieldDescription,
  RESOURCE_KINDS,
  RESOURCES,
  type ResourceKind,
  resourceKindOf,
} from '../../apis/index.ts';
import { suggest } from '../../diagnostics/index.ts';

/** A field of a resource, or the resource itself. */
export interface FieldEntry extends FieldDescription {
  /** `telemetry.kyma-project.io/v1beta1` */
  readonly apiVersion: string;
}

const SHORT_KIND: Readonly<Record<string, ResourceKind>> = {
  tp: 'TracePipeline',
  mp: 'MetricPipeline',
  lp: 'LogPipeline',
};

/** Looks `tp.spec.output.otlp` or `tracepipeline` up; case counts in fields, and an index such as `[0]` or `[]` may stand there. */
export function fieldEntry(word: string): FieldEntry | undefined {
  const { kind, path } = takeApart(word);
  if (kind === undefined) return undefined;
  const version = versionOf(kind, path);
  if (version === undefined) return undefined;
  return { ...describeField(kind, path, version)!, apiVersion: `${RESOURCES[kind].group}/${version}` };
}

/** The newest version that has it: what is only in an older one is explained too. */
function versionOf(kind: ResourceKind, path: readonly string[]): string | undefined {
  return Object.keys(RESOURCES[kind].versions).find((version) => describeField(kind, path, version) !== undefined);
}

/** Which part of the path is wrong; undefined when the word does not look like a field. */
export function fieldProblem(word: string): string | undefined {
  const { kind, path, head } = takeApart(word);
  if (kind === undefined) {
    if (!word.includes('.')) return undefined;
    const near = suggest(head, [...Object.keys(SHORT_KIND), ...RESOURCE_KINDS.map((one) => RESOURCES[one].singular)]);
    return `no kind \`${head}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`;
  }
  const wrong = path.findIndex((_, i) => versionOf(kind, path.slice(0, i + 1)) === undefined);
  const place = path.slice(0, wrong);
  const children = describeField(kind, place)?.children.map(({ name }) => name) ?? [];
  const near = suggest(path[wrong]!, children);
  const meant = near === undefined ? '' : `; did you mean \`${[head, ...place, near].join('.')}\`?`;
  const there = near === undefined && children.length > 0 ? `; there are: ${children.join(', ')}` : '';
  return `\`${[kind, ...place].join('.')}\` has no field \`${path[wrong]}\`${meant}${there}`;
}

function takeApart(word: string): {
  readonly head: string;
  readonly kind: ResourceKind | undefined;
  readonly path: readonly string[];
} {
  const [head = '', ...path] = word.split('.').map((part) => part.replace(/\[\d*\]$/, ''));
  return { head, kind: SHORT_KIND[head.toLowerCase()] ?? resourceKindOf(head), path };
}

/** What one may begin with. */
export function fieldRoots(): readonly (readonly [string, string])[] {
  return RESOURCE_KINDS.map((kind) => {
    const short = Object.keys(SHORT_KIND).find((word) => SHORT_KIND[word] === kind);
    return [`${short ?? RESOURCES[kind].singular}.spec`, RESOURCES[kind].description];
  });
}

/** Every field that can be asked for, as `sluice completion` offers them. */
export function fieldPaths(): readonly string[] {
  const below = (kind: ResourceKind, path: readonly string[]): readonly string[] => {
    const { children } = describeField(kind, path)!;
    return children.flatMap(({ name }) => [[...path, name].join('.'), ...below(kind, [...path, name])]);
  };
  return Object.entries(SHORT_KIND).flatMap(([short, kind]) => below(kind, []).map((path) => `${short}.${path}`));
}
