import { describe, expect, it } from 'vitest';
import { compileCase } from '../../../test/testkit/cluster-rendering.ts';
import { type ComponentConfig, componentId, type OtelcolConfig } from '../../otelcol/index.ts';
import { type AccessOptions, accessOf, usesApi } from './access.ts';

function configOf(section: 'receivers' | 'processors' | 'extensions', type: string, settings: ComponentConfig) {
  const none = { receivers: {}, processors: {}, connectors: {}, exporters: {}, extensions: {} };
  const config: OtelcolConfig = { ...none, service: { extensions: [], pipelines: {} } };
  return { ...config, [section]: { [componentId(type, 'x')]: settings } };
}

/** `get,list,watch pods` */
function said(config: OtelcolConfig, options?: AccessOptions): readonly string[] {
  const { cluster, namespaced } = accessOf(config, options);
  const own = Object.entries(namespaced).flatMap(([namespace, rules]) => rules.map((rule) => ({ ...rule, namespace })));
  return [...cluster, ...own].map((rule) => {
    const { apiGroups, resources, verbs, resourceNames = [] } = rule;
    const group = apiGroups.join() === '' ? '' : `${apiGroups.join()}/`;
    const where = 'namespace' in rule ? ` in ${rule.namespace}` : '';
    return `${verbs.join()} ${group}${resources.join()}${resourceNames.map((name) => `/${name}`).join()}${where}`;
  });
}

const sdOf = (...roles: readonly string[]) => ({
  config: { scrape_configs: [{ kubernetes_sd_configs: roles.map((role) => ({ role })) }] },
});

describe('what a configuration asks the API server for', () => {
  const cases: readonly {
    readonly what: string;
    readonly config: OtelcolConfig;
    readonly options?: AccessOptions;
    readonly rules: readonly string[];
  }[] = [
    {
      what: 'an address that is passed on',
      config: configOf('processors', 'k8s_attributes', { passthrough: true }),
      rules: [],
    },
    {
      what: 'names of Pods',
      config: configOf('processors', 'k8s_attributes', { extract: { metadata: ['k8s.pod.name'] } }),
      rules: ['get,list,watch pods'],
    },
    {
      what: 'names of Deployments and labels of nodes',
      config: configOf('processors', 'k8s_attributes', {
        extract: { metadata: ['k8s.deployment.name'], labels: [{ from: 'node' }, { from: 'pod' }] },
      }),
      rules: ['get,list,watch nodes,pods', 'get,list,watch apps/replicasets'],
    },
    {
      what: 'annotations of namespaces',
      config: configOf('processors', 'k8s_attributes', { extract: { annotations: [{ from: 'namespace' }] } }),
      rules: ['get,list,watch namespaces,pods'],
    },
    {
      what: 'statistics of the kubelet',
      config: configOf('receivers', 'kubeletstats', { metrics: { 'k8s.pod.uptime': { enabled: true } } }),
      rules: ['get nodes/stats'],
    },
    {
      what: 'types of volumes',
      config: configOf('receivers', 'kubeletstats', { extra_metadata_labels: ['k8s.volume.type'] }),
      rules: ['get nodes/pods,nodes/stats'],
    },
    {
      what: 'shares of limits, of a kubelet that knows one permission for it',
      config: configOf('receivers', 'kubeletstats', {
        metrics: { 'k8s.pod.cpu_limit_utilization': { enabled: true } },
      }),
      options: { kubernetesMinor: 32 },
      rules: ['get nodes/pods,nodes/proxy,nodes/stats'],
    },
    {
      what: 'shares of a node',
      config: configOf('receivers', 'kubeletstats', { k8s_api_config: {} }),
      rules: ['get nodes/stats', 'get,list,watch nodes'],
    },
    {
      what: 'numbers of workloads',
      config: configOf('receivers', 'k8s_cluster', {}),
      rules: [
        'get,list,watch namespaces,nodes,pods,replicationcontrollers,resourcequotas,services',
        'get,list,watch apps/daemonsets,deployments,replicasets,statefulsets',
        'get,list,watch autoscaling/horizontalpodautoscalers',
        'get,list,watch batch/cronjobs,jobs',
      ],
    },
    {
      what: 'a lease',
      config: configOf('extensions', 'k8s_leader_elector', { lease_name: 'one', lease_namespace: 'mine' }),
      rules: ['create coordination.k8s.io/leases in mine', 'get,update coordination.k8s.io/leases/one in mine'],
    },
    {
      what: 'Pods to scrape',
      config: configOf('receivers', 'prometheus', sdOf('pod')),
      rules: ['get,list,watch pods'],
    },
    {
      what: 'endpoints to scrape',
      config: configOf('receivers', 'prometheus', sdOf('endpoints')),
      rules: ['get,list,watch endpoints,pods,services'],
    },
    { what: 'nothing', config: configOf('receivers', 'otlp', { protocols: {} }), rules: [] },
  ];

  it.each(cases)('$what', ({ config, options, rules }) => {
    expect([...said(config, options)].sort()).toEqual([...rules].sort());
  });

  it('knows every component that is rendered with the account of its Pod', () => {
    const compiled = compileCase();
    for (const { config, workload } of [...compiled.rendered, ...compiled.agents]) {
      const text = JSON.stringify([config.receivers, config.processors, config.extensions]);
      expect(usesApi(accessOf(config)), workload).toBe(/serviceAccount|kubernetes_sd_configs/.test(text));
    }
  });
});
