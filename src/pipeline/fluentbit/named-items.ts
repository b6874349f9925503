import type { LoadedResource, SecretKeyRef } from '../../apis/index.ts';
import { formatPath, type Issue, type Path } from '../../diagnostics/index.ts';
import type { SecretText } from '../graph.ts';
import type { SecretValues } from '../secret-values.ts';
import { environmentProblem } from './http-output.ts';

/** Part of a key of a ConfigMap, which the files come from: one that is too long would keep all pipelines from it. */
const FILE_NAME = /^(?!\.{1,2}$)[-._a-zA-Z0-9]{1,128}$/;
const VARIABLE_NAME = /^[-._a-zA-Z0-9]{1,253}$/;

interface Named {
  readonly name: string;
}

/** The files of a pipeline; names are checked, as they become part of a path. */
export function resolveFiles<F extends Named & { readonly content: string }>(
  loaded: LoadedResource,
  files: readonly F[],
): {
  readonly files: readonly { readonly name: string; readonly content: string }[];
  readonly issues: readonly Issue[];
} {
  const { kept, issues } = checkNames(loaded, 'files', files, FILE_NAME);
  return { files: kept.map(({ name, content }) => ({ name, content })), issues };
}

export function resolveVariables<V extends Named & { readonly valueFrom: { readonly secretKeyRef: SecretKeyRef } }>(
  loaded: LoadedResource,
  variables: readonly V[],
  values: SecretValues,
): {
  readonly variables: readonly { readonly name: string; readonly value: SecretText }[];
  readonly issues: readonly Issue[];
} {
  const { kept, issues } = checkNames(loaded, 'variables', variables, VARIABLE_NAME);
  const read = kept.map((variable) => {
    const path = ['spec', 'variables', variables.indexOf(variable)];
    const value = values.read(path, variable, { exact: true });
    values.check(path, value, environmentProblem);
    return { name: variable.name, value };
  });
  return { variables: read, issues };
}

function checkNames<N extends Named>(
  loaded: LoadedResource,
  field: 'files' | 'variables',
  items: readonly N[],
  form: RegExp,
): { readonly kept: readonly N[]; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const first = new Map<string, number>();
  const kept = items.filter((item, index) => {
    const path = ['spec', field, index, 'name'];
    const twin = first.get(item.name);
    if (!form.test(item.name)) issues.push(badName(loaded, path));
    else if (twin !== undefined) issues.push(secondName(loaded, path, ['spec', field, twin, 'name']));
    else first.set(item.name, index);
    return form.test(item.name) && twin === undefined;
  });
  return { kept, issues };
}

function badName({ document }: LoadedResource, path: Path): Issue {
  return {
    code: 'SL0136',
    severity: 'error',
    message: `\`${formatPath(path)}\` must be letters, digits, \`-\`, \`_\` and \`.\``,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'a name without folders',
    help: 'write a name such as `app.lua`',
  };
}

function secondName({ document }: LoadedResource, path: Path, first: Path): Issue {
  const span = document.spanOf(first);
  return {
    code: 'SL0136',
    severity: 'error',
    message: `\`${formatPath(path)}\` is the name of an item before it`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'the same name again',
    ...(span === undefined ? {} : { related: [{ span, label: 'first used here' }] }),
    help: 'rename or remove one of the two',
  };
}
