import type { CertificateFiles, ClusterCredentials } from './control-plane-credentials.ts';

/** Where a test node keeps what it has; one on a machine. cluster-node-cleanup.sh names the same. */
export const NODE_STATE = '/run/sluice-node';
export const NODE_DATA = '/var/lib/sluice-node';
export const NODE_BRIDGE = 'sluice0';
export const NODE_NAME = 'sluice-node';
/** Of the bridge: the node's address, for pods the API server's and the DNS server's, too. */
export const NODE_ADDRESS = '10.244.0.1';
export const NODE_POD_CIDR = '10.244.0.0/24';
export const CONTAINERD_SOCKET = `${NODE_STATE}/containerd.sock`;
export const CNI_FOLDER = `${NODE_STATE}/cni`;
export const CLUSTER_DOMAIN = 'cluster.local';

export function containerdConfig(pauseTag: string, cniPlugins: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const others = ['aufs', 'btrfs', 'devmapper', 'zfs'].map((name) => `"io.containerd.snapshotter.v1.${name}"`);
  return `version = 2
root = "${NODE_DATA}/containerd"
state = "${NODE_STATE}/containerd"
disabled_plugins = [${others.join(', ')}]
[grpc]
  address = "${CONTAINERD_SOCKET}"
[${cri}]
  sandbox_image = "docker.io/${pauseTag}"
  # A machine without CAP_SYS_RESOURCE may not make a process less likely to be killed; runc would die of trying.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_hugetlb_controller = true
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  Root = "${NODE_STATE}/runc"
[${cri}.cni]
  bin_dir = "${cniPlugins}"
  conf_dir = "${CNI_FOLDER}"
`;
}

export function cniConfig(): string {
  const bridge = {
    type: 'bridge',
    bridge: NODE_BRIDGE,
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: NODE_POD_CIDR, gateway: NODE_ADDRESS }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: `${NODE_STATE}/addresses`,
    },
  };
  return JSON.stringify({ cniVersion: '0.4.0', name: NODE_NAME, plugins: [bridge] });
}

export interface KubeletPlace {
  readonly credentials: ClusterCredentials;
  readonly serving: CertificateFiles;
  readonly healthPort: number;
  readonly resolvConf: string;
}

export function kubeletConfig({ credentials, serving, healthPort, resolvConf }: KubeletPlace): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    healthzBindAddress: '127.0.0.1',
    healthzPort: healthPort,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: credentials.caFile },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: serving.certFile,
    tlsPrivateKeyFile: serving.keyFile,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: CLUSTER_DOMAIN,
    resolvConf,
    volumePluginDir: `${NODE_DATA}/volume-plugins`,
    // A full disk of the machine is no reason to evict what a test runs.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: '2s',
    maxPods: 110,
  });
}

export function kubeProxyConfig(kubeconfig: string, metricsPort: number): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig },
    clusterCIDR: NODE_POD_CIDR,
    bindAddress: NODE_ADDRESS,
    healthzBindAddress: '',
    metricsBindAddress: `127.0.0.1:${metricsPort}`,
    oomScoreAdj: 0,
    iptables: { minSyncPeriod: '100ms', localhostNodePorts: false },
    // The limits of the machine stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
}

/** Nodes have names, by which agents ask their kubelets. What else is no name of the cluster does not exist: a test asks nothing outside. */
export function corefile(kubeconfig: string): string {
  const zones = `${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa`;
  return `${zones} {
  bind ${NODE_ADDRESS}
  errors
  kubernetes ${zones} {
    kubeconfig ${kubeconfig} sluice-test
    pods insecure
    ttl 1
  }
}
${NODE_NAME} {
  bind ${NODE_ADDRESS}
  hosts {
    ${NODE_ADDRESS} ${NODE_NAME}
  }
}
. {
  bind ${NODE_ADDRESS}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
}
