/** A reference to one key of a Secret, as `valueFrom.secretKeyRef` has it. */
export interface SecretKeyRef {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Secrets by namespace and name: their keys and decoded values. Values are never printed. */
export interface SecretStore {
  get(namespace: string, name: string): ReadonlyMap<string, string> | undefined;
}
