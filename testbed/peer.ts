import { accessSync, constants } from 'node:fs';

/** A program tests run against: where it is (of a peer of several programs, their folder), or why it is not here. */
export type PeerState =
  | { readonly status: 'ready'; readonly path: string }
  | { readonly status: 'missing'; readonly reason: string };

/** One real peer: finding it is quick and changes nothing, building may take minutes. */
export interface Peer {
  readonly name: string;
  find(): PeerState;
  /** Makes it ready where this machine can. Rejects when it should have worked and did not. */
  build(): Promise<PeerState>;
}

/** Whether this user may run the file; false where there is none. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
