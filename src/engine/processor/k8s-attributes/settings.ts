import type { Static } from 'typebox';
import type { Issue } from '../../../diagnostics/index.ts';
import { errorMessage, Type } from '../../../lib/index.ts';
import { compilePattern } from '../../../pdata/index.ts';
import { Duration, oneOf, settingsObject } from '../../settings/schema.ts';
import { METADATA } from './metadata.ts';

/** Kinds of objects whose labels and annotations can be taken. */
const TAG_SOURCES = ['pod', 'namespace', 'node', 'deployment', 'statefulset', 'daemonset', 'job'] as const;
export type TagSource = (typeof TAG_SOURCES)[number];

/** Of one association. Source: internal/kube PodIdentifierMaxLength at 0.149. */
const MAX_SOURCES = 4;

const TagRuleSettings = settingsObject({
  tag_name: Type.String(),
  key: Type.String(),
  key_regex: Type.String(),
  from: oneOf(...TAG_SOURCES),
});
export type TagRuleSettings = Static<typeof TagRuleSettings>;

/** Source: k8sattributesprocessor config.go at 0.149. Of `auth_type`, `none` and `tls` are not there: no API server takes them. */
export const K8sAttributesConfig = settingsObject({
  auth_type: oneOf('serviceAccount', 'kubeConfig'),
  context: Type.String(),
  passthrough: Type.Boolean(),
  extract: settingsObject({
    metadata: Type.Array(oneOf(...METADATA)),
    labels: Type.Array(TagRuleSettings),
    annotations: Type.Array(TagRuleSettings),
    otel_annotations: Type.Boolean(),
    deployment_name_from_replicaset: Type.Boolean(),
  }),
  filter: settingsObject({
    node: Type.String(),
    node_from_env_var: Type.String(),
    namespace: Type.String(),
    fields: Type.Array(settingsObject({ key: Type.String(), value: Type.String(), op: oneOf('equals', 'not-equals') })),
    labels: Type.Array(
      settingsObject({
        key: Type.String(),
        value: Type.String(),
        op: oneOf('equals', 'not-equals', 'exists', 'does-not-exist'),
      }),
    ),
  }),
  pod_association: Type.Array(
    settingsObject({
      sources: Type.Array(settingsObject({ from: oneOf('connection', 'resource_attribute'), name: Type.String() })),
    }),
  ),
  exclude: settingsObject({ pods: Type.Array(settingsObject({ name: Type.String() })) }),
  wait_for_metadata: Type.Boolean(),
  wait_for_metadata_timeout: Duration,
});
export type K8sAttributesConfig = Static<typeof K8sAttributesConfig>;

/** Source: k8sattributesprocessor Config.Validate at 0.149. */
export function checkK8sAttributes({ extract = {}, pod_association = [], exclude }: K8sAttributesConfig): Issue[] {
  const issues: Issue[] = [];
  const add = (path: readonly (string | number)[], message: string) =>
    issues.push({ code: 'SL0105', severity: 'error', message, path });
  pod_association.forEach(({ sources = [] }, i) => {
    if (sources.length > MAX_SOURCES) {
      add(
        ['pod_association', i, 'sources'],
        `\`sources\` has ${sources.length} entries; at most ${MAX_SOURCES} are taken`,
      );
    }
  });
  for (const list of ['labels', 'annotations'] as const) {
    (extract[list] ?? []).forEach(({ key, key_regex }, i) => {
      const path = ['extract', list, i];
      if (key && key_regex) add(path, 'only one of `key` and `key_regex` can be given');
      if (key_regex) checkPattern(`^(?:${key_regex})$`, (why) => add([...path, 'key_regex'], `\`key_regex\` ${why}`));
    });
  }
  (exclude?.pods ?? []).forEach(({ name = '' }, i) => {
    checkPattern(name, (why) => add(['exclude', 'pods', i, 'name'], `the pattern ${why}`));
  });
  return issues;
}

function checkPattern(source: string, tell: (why: string) => void): void {
  try {
    compilePattern(source);
  } catch (error) {
    tell(errorMessage(error));
  }
}
