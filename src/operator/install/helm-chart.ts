import { type Manifest, mostAccess, OPERATOR } from '../../render/index.ts';
import { type BundleOptions, defaultImages, installBundle } from './install-bundle.ts';
import { type BundleFile, byFile, GENERATED, yamlOf } from './manifest-files.ts';
import { OLDEST_MINOR } from './server-version.ts';

/**
 * The installation as a Helm chart: the same objects, with values of the chart where an installation chooses. The namespace is the
 * release's, and Helm makes it, so it is not among them.
 */
export function helmChart(version: string): readonly BundleFile[] {
  const manifests = installBundle({ ...templated(), version }).filter(({ kind }) => kind !== 'Namespace');
  const files = byFile(manifests.map((manifest) => withValues(manifest)));
  return [
    { path: 'Chart.yaml', text: `${GENERATED}${yamlOf(chartOf(version))}` },
    { path: 'values.yaml', text: valuesText(version) },
    { path: 'templates/NOTES.txt', text: NOTES },
    ...files
      .filter(({ objects }) => objects.length > 0)
      .map(({ path, objects }) => ({
        path: `templates/${path}`,
        text: `${GENERATED}${objects.map(templateOf).join('---\n')}`,
      })),
  ];
}

const NAMESPACE = '{{ .Release.Namespace }}';

function templated(): Omit<BundleOptions, 'version'> {
  return {
    namespace: NAMESPACE,
    images: {
      sluice: '{{ .Values.images.sluice }}',
      otelcol: '{{ .Values.images.otelcol }}',
      fluentBit: '{{ .Values.images.fluentBit }}',
    },
  };
}

function chartOf(version: string): object {
  return {
    apiVersion: 'v2',
    name: 'sluice',
    description: 'Telemetry pipelines as resources: the operator that runs them in Kubernetes.',
    type: 'application',
    version,
    appVersion: version,
    kubeVersion: '>=1.30.0-0',
    annotations: { 'artifacthub.io/license': 'Apache-2.0' },
  };
}

function valuesText(version: string): string {
  const { sluice, otelcol, fluentBit } = defaultImages(version);
  return `${GENERATED}# What Pods run. The namespace is the release's.
images:
  # The operator, and workloads that the engine runs.
  sluice: ${sluice}
  # Gateways and agents that the stock Collector runs.
  otelcol: ${otelcol}
  fluentBit: ${fluentBit}
# Always, IfNotPresent or Never; of the operator and its workloads.
imagePullPolicy: IfNotPresent
# Names of Secrets of the namespace, as in a Pod: [{name: registry}]; of the operator and its workloads.
imagePullSecrets: []
# Of the operator: one works, the others wait for its lease and serve webhooks.
replicas: 2
resources:
  requests:
    cpu: 5m
    memory: 100Mi
  limits:
    memory: 384Mi
nodeSelector: {}
tolerations: []
# Make a Telemetry \`default\` where there is none. It stays when the release goes.
telemetry:
  create: true
`;
}

const NOTES = `Sluice is installed in namespace {{ .Release.Namespace }}.

  kubectl -n {{ .Release.Namespace }} rollout status deployment/telemetry-operator
  kubectl get kyma-telemetry-pipelines

Applications send OTLP to http://telemetry-otlp.{{ .Release.Namespace }}:4317 (gRPC) and :4318 (HTTP).
\`helm uninstall\` keeps the resource definitions and with them every pipeline, and the Telemetry. What the operator made of
them is removed by:  sluice cluster uninstall --namespace {{ .Release.Namespace }}
`;

/** A value that is put in where the text of a template can hold one, and not only a string. */
const VALUE = '@value:';
const YAML = '@yaml:';
/** The names in a list of references, as one text with commas. */
const NAMES = '@names:';

interface PodTemplate {
  readonly spec: { readonly containers: readonly [object] };
}

function withValues(manifest: Manifest): Manifest {
  if (manifest.kind === 'CustomResourceDefinition') return annotated(manifest, { 'helm.sh/resource-policy': 'keep' });
  // A hook, because Helm looks every other kind up before the definitions are there. It belongs to no release then, and stays.
  if (manifest.kind === 'Telemetry')
    return annotated(manifest, {
      'helm.sh/hook': 'post-install,post-upgrade',
      'helm.sh/hook-delete-policy': 'hook-failed',
    });
  if (manifest.kind !== 'Deployment') return manifest;
  const spec = manifest['spec'] as { readonly template: PodTemplate };
  const [container] = spec.template.spec.containers;
  const env = (container as { env: readonly { name: string }[] }).env.flatMap((entry) =>
    entry.name === 'SLUICE_IMAGE_PULL_POLICY'
      ? [
          { ...entry, value: '{{ .Values.imagePullPolicy }}' },
          { name: 'SLUICE_IMAGE_PULL_SECRETS', value: `${NAMES}imagePullSecrets` },
        ]
      : [entry],
  );
  return {
    ...manifest,
    spec: {
      ...spec,
      replicas: `${VALUE}replicas`,
      template: {
        ...spec.template,
        spec: {
          ...spec.template.spec,
          imagePullSecrets: `${YAML}imagePullSecrets`,
          nodeSelector: `${YAML}nodeSelector`,
          tolerations: `${YAML}tolerations`,
          containers: [
            { ...container, env, imagePullPolicy: '{{ .Values.imagePullPolicy }}', resources: `${YAML}resources` },
          ],
        },
      },
    },
  };
}

function annotated(manifest: Manifest, annotations: Readonly<Record<string, string>>): Manifest {
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...annotations } },
  };
}

/** Descriptions of fields may hold braces of their own, and stay as they are. */
function templateOf(manifest: Manifest): string {
  const text = yamlOf(manifest)
    .split('\n')
    .map((line) => templateLine(line))
    .join('\n');
  if (manifest.kind === 'ClusterRole' && manifest.metadata.name === OPERATOR) return `${text}${olderAccess()}`;
  if (manifest.kind !== 'Telemetry') return text;
  return `${TELEMETRY_IS_THERE}{{- if and .Values.telemetry.create (not $there) }}\n${text}{{- end }}\n`;
}

/** Helm fails at a question for a kind that is not served, as before the first installation. */
const TELEMETRY_IS_THERE = `{{- $there := dict }}
{{- if .Capabilities.APIVersions.Has "operator.kyma-project.io/v1beta1/Telemetry" }}
{{- $there = lookup "operator.kyma-project.io/v1beta1" "Telemetry" .Release.Namespace "default" }}
{{- end }}
`;

/** What kubelets before 1.33 ask for, at the end of the operator's rules. */
function olderAccess(): string {
  const known = new Set(mostAccess().flatMap(({ resources }) => resources));
  const older = mostAccess({ kubernetesMinor: OLDEST_MINOR }).flatMap(({ apiGroups, resources, verbs }) => {
    const more = resources.filter((resource) => !known.has(resource));
    return more.length === 0 ? [] : [{ apiGroups, resources: more, verbs }];
  });
  const lines = yamlOf(older).trimEnd().replaceAll(/^/gm, '  ');
  return `{{- if lt (int (trimSuffix "+" .Capabilities.KubeVersion.Minor)) 33 }}\n${lines}\n{{- end }}\n`;
}

function templateLine(line: string): string {
  const put = /^( *(?:- )?)([\w-]+): "?@(value|yaml|names):([\w.]+)"?$/.exec(line);
  if (put !== null) {
    const [, indent = '', key, form, path] = put;
    if (form === 'names')
      return `${indent}${key}: "{{ range $i, $one := .Values.${path} }}{{ if $i }},{{ end }}{{ $one.name }}{{ end }}"`;
    return form === 'value'
      ? `${indent}${key}: {{ .Values.${path} }}`
      : `${indent}${key}: {{- toYaml .Values.${path} | nindent ${indent.length + 2} }}`;
  }
  return line.replace(/\{\{(?! \.(?:Values|Release)\.)/g, '{{ "{{" }}');
}
