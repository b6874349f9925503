import type { ClusterCredentials } from './control-plane-credentials.ts';

export const SERVICE_CIDR = '10.96.0.0/16';
/** Of the Service `kubernetes`. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const POD_CIDR = '10.244.0.0/16';
export const LOOPBACK = '127.0.0.1';

/** What the programs of one control plane agree on. */
export interface ControlPlanePlace {
  readonly folder: string;
  readonly port: number;
  readonly address: string;
  readonly etcdUrl: string;
  readonly credentials: ClusterCredentials;
}

export function apiServerFlags({ folder, port, address, etcdUrl, credentials }: ControlPlanePlace): readonly string[] {
  const isLoopback = address === LOOPBACK;
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${address}`,
    `--secure-port=${port}`,
    // An Endpoints object cannot name a loopback address.
    ...(isLoopback ? ['--endpoint-reconciler-type=none'] : [`--advertise-address=${address}`]),
    `--cert-dir=${folder}`,
    `--tls-cert-file=${credentials.serving.certFile}`,
    `--tls-private-key-file=${credentials.serving.keyFile}`,
    `--client-ca-file=${credentials.caFile}`,
    `--token-auth-file=${credentials.tokenFile}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${credentials.serviceAccountPublicKeyFile}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKeyFile}`,
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-certificate-authority=${credentials.caFile}`,
    `--kubelet-client-certificate=${credentials.kubeletClient.certFile}`,
    `--kubelet-client-key=${credentials.kubeletClient.keyFile}`,
    '--profiling=false',
  ];
}

export function controllerManagerFlags({ folder, credentials }: ControlPlanePlace): readonly string[] {
  return [
    '--use-service-account-credentials',
    // It makes an account for each of its controllers first, and with the default rate takes 4 s for that.
    '--kube-api-qps=500',
    '--kube-api-burst=500',
    `--service-account-private-key-file=${credentials.serviceAccountKeyFile}`,
    // It makes the folder, by default one of the system.
    `--flex-volume-plugin-dir=${folder}/volume-plugins`,
    `--root-ca-file=${credentials.caFile}`,
    '--allocate-node-cidrs',
    `--cluster-cidr=${POD_CIDR}`,
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
  ];
}
