import { maskedPlaces } from '../../apis/index.ts';
import { formatPath, type Path } from '../../diagnostics/index.ts';
import { identityOf } from '../../pipeline/index.ts';
import type { ResourceChange } from '../../server/index.ts';
import type { Generation, RunningPipeline } from './generation.ts';

/** What stands for a value that nobody may see. */
const HIDDEN = '‹hidden›';

/** What of the running pipelines `after` makes different, sorted by kind and name; those it leaves as they are included. */
export function changesBetween(before: Generation | undefined, after: Generation): readonly ResourceChange[] {
  const old = byIdentity(before?.pipelines ?? []);
  const now = byIdentity(after.pipelines);
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort();
  return ids.map((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    const { kind, name } = (is ?? was)!;
    if (was === undefined) return { kind, name, action: 'created', fields: [] };
    if (is === undefined) return { kind, name, action: 'deleted', fields: [] };
    const fields = changedFields(was, is);
    const unchanged = fields.length === 0 && meaningOf(was) === meaningOf(is);
    return { kind, name, action: unchanged ? 'unchanged' : 'configured', fields };
  });
}

function byIdentity(pipelines: readonly RunningPipeline[]): ReadonlyMap<string, RunningPipeline> {
  return new Map(pipelines.map((pipeline) => [identityOf(pipeline), pipeline]));
}

/** What the pipeline does, with the secrets it uses and without the places it comes from. */
function meaningOf({ version }: RunningPipeline): string {
  return JSON.stringify(version.graph, (key, value: unknown) => (key === 'source' ? undefined : value));
}

function changedFields(was: RunningPipeline, is: RunningPipeline): ResourceChange['fields'] {
  const before = leavesOf(was);
  const after = leavesOf(is);
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path) => {
    const [a, b] = [before.get(path), after.get(path)];
    if (a?.text === b?.text) return [];
    const shown = (leaf: Leaf | undefined) => (leaf?.isSecret ? HIDDEN : leaf?.text);
    const [textBefore, textAfter] = [shown(a), shown(b)];
    return [
      {
        path,
        ...(textBefore === undefined ? {} : { before: textBefore }),
        ...(textAfter === undefined ? {} : { after: textAfter }),
      },
    ];
  });
}

interface Leaf {
  readonly text: string;
  readonly isSecret: boolean;
}

/** The resource's own fields with its defaults, as text. */
function leavesOf({ version }: RunningPipeline): ReadonlyMap<string, Leaf> {
  const { resource, document } = version.loaded;
  // Of this document: a version that ran before may stand nowhere in the files any more.
  const sensitive = maskedPlaces({ file: document.file, text: '' }, [document], []);
  const leaves = new Map<string, Leaf>();
  const isMasked = (path: Path) => {
    const span = document.spanOf(path);
    if (span === undefined) return false;
    return sensitive.some((place) => place.line <= span.line && span.line <= place.endLine);
  };
  const visit = (value: unknown, path: Path) => {
    if (typeof value === 'object' && value !== null) {
      const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
      for (const [key, child] of entries) visit(child, [...path, key]);
      return;
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const isSecret = holdsSecret(path, text) || isMasked(path);
    leaves.set(formatPath(path), { text, isSecret });
  };
  visit(resource.spec, ['spec']);
  return leaves;
}

const TELLING_PLACE = /^(headers|authentication|auth|tls|user|password|token|clientSecret|variables|http_passwd)$/i;

/** The literal of a header, credential or key; a reference to a Secret is none. Also an address with a password in it. */
function holdsSecret(path: Path, text: string): boolean {
  const last = path.at(-1);
  const isLiteral = last === 'value' || last === 'prefix';
  return (isLiteral && path.some((step) => TELLING_PLACE.test(String(step)))) || /[:/].*@/s.test(text);
}
