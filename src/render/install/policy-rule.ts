import type { AccessRule } from '../manifests/access.ts';

/**
 * Rules that together allow what `rules` allow, each resource once: who may grant all of them is who holds these. Rules that are
 * limited to names stay as they are, behind the others.
 */
export function unionOfRules(rules: readonly AccessRule[]): readonly AccessRule[] {
  const verbs = new Map<string, { readonly group: string; readonly resource: string; readonly held: Set<string> }>();
  const named = new Map<string, AccessRule>();
  for (const rule of rules) {
    if (rule.resourceNames !== undefined) {
      named.set(JSON.stringify(rule), rule);
      continue;
    }
    for (const group of rule.apiGroups) {
      for (const resource of rule.resources) {
        const key = `${group}/${resource}`;
        const entry = verbs.get(key) ?? { group, resource, held: new Set() };
        for (const verb of rule.verbs) entry.held.add(verb);
        verbs.set(key, entry);
      }
    }
  }
  const sorted = [...verbs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  return [...sharedRules(sorted), ...[...named.keys()].sort().map((key) => named.get(key)!)];
}

/** Resources of one group with the same verbs share a rule. */
function sharedRules(
  entries: readonly { readonly group: string; readonly resource: string; readonly held: ReadonlySet<string> }[],
): readonly AccessRule[] {
  const rules = new Map<string, { readonly group: string; readonly resources: string[]; readonly verbs: string[] }>();
  for (const { group, resource, held } of entries) {
    const verbs = [...held].sort();
    const key = JSON.stringify([group, verbs]);
    const rule = rules.get(key) ?? { group, resources: [], verbs };
    rule.resources.push(resource);
    rules.set(key, rule);
  }
  return [...rules.values()].map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }));
}
