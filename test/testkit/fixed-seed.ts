/**
 * In CI properties draw the same cases every time, so that a change is judged by what it changes; everywhere else they draw new
 * ones. `SLUICE_SEED` sets the number, also to repeat what was drawn in CI.
 */
const seed = process.env['SLUICE_SEED'] ?? (process.env['CI'] === 'true' ? '20261122' : undefined);
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}
