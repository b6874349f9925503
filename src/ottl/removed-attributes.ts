import { namedContext } from './contexts.ts';
import type { Group } from './group.ts';
import { parseStatement } from './parse.ts';
import { printPath } from './print.ts';
import type { Call, Expression, Path, Statement } from './syntax.ts';

/** Where something was removed for good, and what holds its value now. */
export interface Removal {
  readonly group: number;
  readonly index: number;
  readonly statement: Statement;
  /** The path it was copied to before. */
  readonly renamedTo?: string;
}

/**
 * Follows what the statements of a pipeline's transforms take away from everything they run on: `delete_key` without a `where`,
 * in an entry without conditions. Whatever may put it back makes it forgotten.
 */
export class RemovedAttributes {
  /** By path, as `resource.attributes["foo"]`. */
  readonly #removed = new Map<string, Removal>();
  /** The paths by the map they were removed from. */
  readonly #byMap = new Map<string, Set<string>>();
  readonly #copies = new Map<string, string>();

  get(path: string): Removal | undefined {
    return this.#removed.get(path);
  }

  follow(group: Group, at: number): void {
    for (const [index, text] of group.statements.entries()) {
      const { ast } = parseStatement(text) as { readonly ast?: Statement };
      if (ast === undefined) continue;
      const isForAll = ast.where === undefined && group.conditions.length === 0;
      const target = targetOf(ast.editor, group);
      if (target === undefined) this.#forgetAll();
      else this.#apply(ast, target, { group: at, index, isForAll, owner: group });
    }
  }

  #apply(
    statement: Statement,
    target: string,
    site: { readonly group: number; readonly index: number; readonly isForAll: boolean; readonly owner: Group },
  ): void {
    const { editor } = statement;
    const [, second] = editor.arguments;
    const value = second?.value;
    if (editor.name === 'delete_key') {
      if (!site.isForAll || value?.kind !== 'string') return;
      const path = keyed(target, value.value);
      const renamedTo = this.#copies.get(path);
      const { group, index } = site;
      this.#removed.set(path, { group, index, statement, ...(renamedTo !== undefined && { renamedTo }) });
      this.#byMap.set(target, (this.#byMap.get(target) ?? new Set()).add(path));
    } else if (TAKE_AWAY.has(editor.name)) {
      return;
    } else {
      this.#forget(target);
      const source = value?.kind === 'path' ? nameOf(value, site.owner) : undefined;
      if (editor.name === 'set' && source !== undefined) this.#copies.set(source, target);
    }
  }

  /** What is set, what stands in it and what it stands in. */
  #forget(target: string): void {
    for (let end = target.indexOf(']'); end !== -1; end = target.indexOf(']', end + 1))
      this.#removed.delete(target.slice(0, end + 1));
    for (const [map, paths] of this.#byMap) {
      if (!map.startsWith(target)) continue;
      for (const path of paths) this.#removed.delete(path);
      this.#byMap.delete(map);
    }
  }

  #forgetAll(): void {
    this.#removed.clear();
    this.#byMap.clear();
  }
}

/** Editors that put nothing where nothing was. */
const TAKE_AWAY: ReadonlySet<string> = new Set([
  'delete_matching_keys',
  'keep_keys',
  'keep_matching_keys',
  'limit',
  'truncate_all',
  'replace_match',
  'replace_pattern',
  'replace_all_matches',
]);

function targetOf(editor: Call, group: Group): string | undefined {
  const [first] = editor.arguments;
  return first?.value.kind === 'path' ? nameOf(first.value, group) : undefined;
}

export function keyed(map: string, key: string): string {
  return `${map}[${JSON.stringify(key)}]`;
}

/** A path with its context in front; undefined where it depends on the data. */
export function nameOf(path: Path, { context }: Pick<Group, 'context'>): string | undefined {
  if (!path.fields.every(({ keys }) => keys.every(isLiteral))) return undefined;
  const [first, ...further] = path.fields;
  const isKeyedByText = [first!, ...further].flatMap(({ keys }) => keys).every(({ kind }) => kind === 'string');
  const plain = isKeyedByText ? plainText(path) : printPath(path);
  return namedContext(path) === undefined ? `${context ?? ''}.${plain}` : plain;
}

/** With keys as `keyed` writes them. */
function plainText({ fields }: Path): string {
  return fields
    .map(({ name, keys }) => keys.reduce((text, key) => keyed(text, key.kind === 'string' ? key.value : ''), name))
    .join('.');
}

function isLiteral({ kind }: Expression): boolean {
  return kind === 'string' || kind === 'int';
}
