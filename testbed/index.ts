import { apivalidation } from './apivalidation/apivalidation.ts';
import { chromium, fish, zsh } from './debian-package.ts';
import { h2spec } from './h2spec/h2spec.ts';
import { otelcol } from './otelcol/otelcol.ts';
import type { Peer, PeerState } from './peer.ts';
import { prometheus } from './prometheus/prometheus.ts';

export type { Peer, PeerState } from './peer.ts';

export type PeerName = 'otelcol' | 'prometheus' | 'h2spec' | 'apivalidation' | 'chromium' | 'zsh' | 'fish';
export const PEERS: Readonly<Record<PeerName, Peer>> = {
  otelcol,
  prometheus,
  h2spec,
  apivalidation,
  chromium,
  zsh,
  fish,
};

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
