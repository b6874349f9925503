/** One rule of a Role or ClusterRole. Source: rbac/v1 PolicyRule. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Rules that together allow what `rules` allow, each resource once: who may grant all of them is who holds these. Rules that are
 * limited to names stay as they are.
 */
export function unionOfRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  const named = new Map<string, PolicyRule>();
  for (const rule of rules) {
    if ((rule.resourceNames ?? []).length > 0) {
      named.set(JSON.stringify(rule), rule);
      continue;
    }
    for (const key of keysOf(rule)) {
      const held = verbs.get(key) ?? new Set();
      for (const verb of rule.verbs) held.add(verb);
      verbs.set(key, held);
    }
  }
  return [...rulesOf(verbs), ...[...named.keys()].sort().map((key) => named.get(key)!)];
}

/** `apps/deployments`, `/pods`, `url:/metrics`. */
function keysOf({ apiGroups = [], resources = [], nonResourceURLs = [] }: PolicyRule): readonly string[] {
  return [
    ...apiGroups.flatMap((group) => resources.map((resource) => JSON.stringify({ group, resource }))),
    ...nonResourceURLs.map((url) => JSON.stringify({ url })),
  ];
}

/** Resources of one group with the same verbs share a rule. */
function rulesOf(verbs: ReadonlyMap<string, ReadonlySet<string>>): readonly PolicyRule[] {
  const rules = new Map<string, { group?: string; names: string[]; verbs: readonly string[] }>();
  for (const [key, set] of [...verbs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { group, resource, url } = JSON.parse(key) as { group?: string; resource?: string; url?: string };
    const sorted = [...set].sort();
    const shared = JSON.stringify([group ?? null, sorted]);
    const rule = rules.get(shared) ?? { ...(group === undefined ? {} : { group }), names: [], verbs: sorted };
    rule.names.push(resource ?? url ?? '');
    rules.set(shared, rule);
  }
  return [...rules.values()].map((rule) =>
    rule.group === undefined
      ? { nonResourceURLs: rule.names, verbs: rule.verbs }
      : { apiGroups: [rule.group], resources: rule.names, verbs: rule.verbs },
  );
}
