import type { LoadedResource } from '../apis/index.ts';
import { formatPath, type Path } from '../diagnostics/index.ts';
import type { NodeSource } from './graph.ts';

/** Absent where the user wrote nothing: what a default comes from has no line. */
export function sourceOf({ document }: LoadedResource, path: Path): { readonly source?: NodeSource } {
  const span = document.spanOf(path, 'key');
  return span === undefined ? {} : { source: { span, field: formatPath(path) } };
}
