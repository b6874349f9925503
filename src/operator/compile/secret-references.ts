/** A Secret that a resource names. */
export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** Every Secret that a spec names under a `secretKeyRef`, each once, sorted; whatever else is wrong with the spec. */
export function secretReferences(spec: unknown): readonly SecretName[] {
  const found = new Map<string, SecretName>();
  collect(spec, found);
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, secret]) => secret);
}

export function secretKey({ namespace, name }: SecretName): string {
  return `${namespace}/${name}`;
}

function collect(value: unknown, found: Map<string, SecretName>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const secret = key === 'secretKeyRef' ? secretOf(child) : undefined;
    if (secret !== undefined) found.set(secretKey(secret), secret);
    collect(child, found);
  }
}

function secretOf(reference: unknown): SecretName | undefined {
  const { namespace, name } = (reference ?? {}) as Partial<Record<keyof SecretName, unknown>>;
  return typeof namespace === 'string' && typeof name === 'string' && namespace !== '' && name !== ''
    ? { namespace, name }
    : undefined;
}
