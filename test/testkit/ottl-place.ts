import type { Place } from '../../src/ottl/paths.ts';
import type { ContextName } from '../../src/ottl/row.ts';
import { resolvePath } from '../../src/ottl/rows/index.ts';

/** The place of a path whose keys are texts or whole numbers, such as `span.attributes["a"][0]`. */
export function ottlPlace(context: ContextName, path: string): Place {
  const [of, ...steps] = [...path.matchAll(/(\w+)((?:\[(?:"[^"]*"|\d+)\])*)(?:\.|$)/gy)].map(([, name, keys]) => ({
    name: name!,
    keys: [...keys!.matchAll(/\[(?:"([^"]*)"|(\d+))\]/g)].map(([, text, index]) => ({
      literal: text ?? BigInt(index!),
    })),
  }));
  const place = resolvePath(context, { of: of!.name as ContextName, steps });
  if ('message' in place) throw new Error(`${path}: step ${place.step} ${place.message}`);
  return place;
}
