/** Steps of insertion, deletion and substitution from one text to the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(change, previous[j] + 1, current[j - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}

const MAX_DISTANCE = 3;
const LONGEST_SHOWN = 100;

function nearestPath(path: string, known: readonly string[]): string | undefined {
  if (path.length > LONGEST_SHOWN) return undefined;
  const lower = path.toLowerCase().replace(/\/+$/, '');
  // A base URL with the path in it gives /v1/traces/v1/traces, a proxy's prefix gives /otlp/v1/traces.
  const ending = known.find((candidate) => lower.endsWith(candidate));
  if (ending !== undefined) return ending;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0] !== undefined && ranked[0].distance <= MAX_DISTANCE ? ranked[0].candidate : undefined;
}

/** The sentence for a path this endpoint doesn't have: what was meant, and what the base URL is. */
export function pathProblem(path: string, known: readonly string[], baseUrl = 'http://HOST:PORT'): string {
  const shown = path.length > LONGEST_SHOWN ? `${path.slice(0, LONGEST_SHOWN)}…` : path;
  const base = `Base URL is ${baseUrl} without a path`;
  if (path.startsWith('/opentelemetry.proto.')) {
    return `${shown} is a gRPC method; call it over HTTP/2 with content-type application/grpc`;
  }
  const nearest = nearestPath(path, known);
  const hint = nearest === undefined ? `telemetry goes to ${known.join(', ')}` : `did you mean ${nearest}?`;
  return `no such path ${shown}; ${hint}${hint.endsWith('?') ? '' : '.'} ${base}`;
}
