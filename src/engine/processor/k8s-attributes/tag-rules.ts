import { compileTemplate } from '../../../ottl/index.ts';
import { compilePattern, type Pattern } from '../../../pdata/index.ts';
import type { K8sAttributesConfig, TagRuleSettings, TagSource } from './settings.ts';

type Texts = Readonly<Record<string, string>> | undefined;

/** Which labels and annotations of an object become attributes, and of what name. */
export class TagRules {
  readonly #rules: readonly TagRule[];

  constructor({
    labels = [],
    annotations = [],
    otel_annotations = false,
  }: NonNullable<K8sAttributesConfig['extract']>) {
    const ofAnnotations = [...annotations, ...(otel_annotations ? [OTEL_ANNOTATIONS] : [])];
    this.#rules = [
      ...labels.map((rule) => compileRule(rule, 'labels')),
      ...ofAnnotations.map((rule) => compileRule(rule, 'annotations')),
    ];
  }

  readsFrom(source: TagSource): boolean {
    return this.#rules.some((rule) => rule.from === source);
  }

  /** Attributes by name; a later rule wins over an earlier one. Empty where no rule applies. */
  tagsOf(source: TagSource, metadata: { readonly labels?: Texts; readonly annotations?: Texts }): Tags {
    let tags: Map<string, string> | undefined;
    for (const { from, list, read } of this.#rules) {
      const texts = from === source ? metadata[list] : undefined;
      if (texts === undefined) continue;
      tags ??= new Map();
      read(texts, tags);
    }
    return tags ?? NO_TAGS;
  }
}

export type Tags = ReadonlyMap<string, string>;
const NO_TAGS: Tags = new Map();

/** Annotations whose prefix makes them attributes. Source: internal/kube OtelAnnotations at 0.149. */
const OTEL_ANNOTATIONS: TagRuleSettings = { tag_name: '$1', key_regex: 'resource\\.opentelemetry\\.io/(.+)' };

interface TagRule {
  readonly from: TagSource;
  readonly list: 'labels' | 'annotations';
  read(texts: NonNullable<Texts>, tags: Map<string, string>): void;
}

/** Source: internal/kube extractFromMetadata at 0.149. */
function compileRule(
  { tag_name: tagName = '', key = '', key_regex: keyRegex = '', from = 'pod' }: TagRuleSettings,
  list: TagRule['list'],
): TagRule {
  const defaultName = (name: string) => `k8s.${from}.${WORD[from][list]}.${name}`;
  if (keyRegex === '') {
    const name = tagName === '' ? defaultName(key) : tagName;
    const read: TagRule['read'] = (texts, tags) => {
      if (Object.hasOwn(texts, key)) tags.set(name, texts[key]!);
    };
    return { from, list, read };
  }
  const pattern = compilePattern(`^(?:${keyRegex})$`);
  const nameOf = nameFrom(pattern, tagName) ?? defaultName;
  return {
    from,
    list,
    read(texts, tags) {
      for (const [name, value] of Object.entries(texts)) {
        if (value !== '' && pattern.test(name)) tags.set(nameOf(name), value);
      }
    },
  };
}

/** The name that a pattern's groups make; undefined where it has none, or nothing is made of them. */
function nameFrom(pattern: Pattern, template: string): ((key: string) => string) | undefined {
  if (template === '' || pattern.groupNames.length < 2) return undefined;
  const expand = compileTemplate(template, pattern.groupNames);
  return (key) => expand(pattern.find(key)!);
}

/** The older sources have the plural. Source: internal/kube attributes.go at 0.149. */
const PLURAL = { labels: 'labels', annotations: 'annotations' } as const;
const SINGULAR = { labels: 'label', annotations: 'annotation' } as const;
const WORD: Readonly<Record<TagSource, typeof PLURAL | typeof SINGULAR>> = {
  pod: PLURAL,
  namespace: PLURAL,
  node: PLURAL,
  deployment: SINGULAR,
  statefulset: SINGULAR,
  daemonset: SINGULAR,
  job: SINGULAR,
};
