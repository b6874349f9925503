const FACTOR: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The bytes of a Kubernetes quantity, rounded up as Kubernetes does; undefined when it is not one. */
export function quantityBytes(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return Number.isInteger(quantity) && quantity >= 0 ? quantity : undefined;
  const match = /^([0-9]+(?:\.[0-9]+)?)([kMGT]|[KMGT]i)?$/.exec(quantity);
  return match ? Math.ceil(Number(match[1]) * FACTOR[match[2] ?? '']!) : undefined;
}
