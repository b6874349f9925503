import type { Signal } from '../../pdata/index.ts';
import type { RenderedComponent } from './config-parts.ts';
import { ottlText, resourceAttribute, transformOf } from './statements.ts';

/** Attributes between two processors. */
export const INTERNAL = {
  appKubernetesIoName: 'kyma.kubernetes_io_app_name',
  app: 'kyma.app_name',
  annotatedName: 'kyma.otel.annotation.service.name',
  annotatedVersion: 'kyma.otel.annotation.service.version',
} as const;

const NAME = resourceAttribute('service.name');

/** What the name is taken from, the best last: each overwrites the one before. */
const SOURCES = [
  'k8s.pod.name',
  'k8s.job.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.deployment.name',
  INTERNAL.app,
  INTERNAL.appKubernetesIoName,
] as const;

/** Mode `kyma-legacy`: data without a name, or with one that an SDK made up, gets that of its label, workload or Pod. */
export function foundName(signals: readonly Signal[]): RenderedComponent {
  return transformOf('service-name', signals, [
    {
      conditions: [`${NAME} == nil`, `${NAME} == ""`, `IsMatch(${NAME}, ${ottlText('^unknown_service(:.+)?$')})`],
      statements: [
        `set(${NAME}, "unknown_service")`,
        ...SOURCES.map((key) => `set(${NAME}, ${resourceAttribute(key)}) where ${resourceAttribute(key)} != nil`),
      ],
    },
  ]);
}

/**
 * Mode `otel`, before Pods are looked up: a name that an SDK made up is no name, and neither is one that an Istio proxy gives
 * its spans. What is missing then comes from the Pod; what an SDK was told stays.
 */
export function forgottenNames(signal: Signal, signals: readonly Signal[]): readonly RenderedComponent[] {
  const unknown = transformOf('unknown-service-name', signals, [
    {
      statements: [
        `delete_key(resource.attributes, "service.name") where IsMatch(${NAME}, ${ottlText('^unknown_service')})`,
      ],
    },
  ]);
  if (signal !== 'traces') return [unknown];
  const keys = ottlText('^service[.]');
  const ofProxies = transformOf(
    'istio-service-name',
    ['traces'],
    [
      {
        statements: [
          `delete_matching_keys(resource.attributes, ${keys}) where span.attributes["component"] == "proxy"`,
        ],
      },
    ],
  );
  return [ofProxies, unknown];
}

/** Mode `otel`, after Pods are looked up: an annotation wins over labels, which k8s_attributes prefers. */
export function restoredName(signals: readonly Signal[]): RenderedComponent {
  const restore = (key: string, annotated: string) => {
    const from = resourceAttribute(annotated);
    return `set(${resourceAttribute(key)}, ${from}) where ${from} != nil and ${from} != ""`;
  };
  return transformOf('annotated-service-name', signals, [
    {
      statements: [
        restore('service.name', INTERNAL.annotatedName),
        restore('service.version', INTERNAL.annotatedVersion),
      ],
    },
  ]);
}
