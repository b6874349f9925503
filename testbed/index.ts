import { apivalidation } from './apivalidation/apivalidation.ts';
import { coredns } from './coredns/coredns.ts';
import {
  busybox,
  chromium,
  cniPlugins,
  conntrack,
  containerd,
  fish,
  iproute2,
  iptables,
  runc,
  zsh,
} from './debian-package.ts';
import { etcd } from './etcd/etcd.ts';
import { h2spec } from './h2spec/h2spec.ts';
import { helm } from './helm/helm.ts';
import { kubernetes } from './kubernetes/kubernetes.ts';
import { kwok } from './kwok/kwok.ts';
import { otelcol } from './otelcol/otelcol.ts';
import type { Peer, PeerState } from './peer.ts';
import { prometheus } from './prometheus/prometheus.ts';

export type { Peer, PeerState } from './peer.ts';

export const PEERS = {
  otelcol,
  prometheus,
  h2spec,
  apivalidation,
  kubernetes,
  etcd,
  coredns,
  kwok,
  helm,
  containerd,
  runc,
  'containernetworking-plugins': cniPlugins,
  iptables,
  conntrack,
  iproute2,
  'busybox-static': busybox,
  chromium,
  zsh,
  fish,
} satisfies Readonly<Record<string, Peer>>;
export type PeerName = keyof typeof PEERS;

/**
 * The peer a test needs. In CI a missing one throws; elsewhere the test is to be skipped with the reason:
 * `describe.skipIf(peer.status === 'missing')`.
 */
export function requirePeer(name: PeerName): PeerState {
  const state = PEERS[name].find();
  if (state.status === 'missing' && process.env['CI'] === 'true') {
    throw new Error(`CI must have the peer ${name}: ${state.reason}`);
  }
  return state;
}
