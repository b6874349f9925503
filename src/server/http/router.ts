import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestError } from './reply.ts';

export interface RouteContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The parts of the path that `:name`s stood for, in order; decoded. */
  readonly parameters: readonly string[];
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** A path; a part that begins with `:` stands for any one part. */
  readonly path: string;
  readonly handle: (context: RouteContext) => void | Promise<void>;
}

export interface Match {
  readonly route: Route;
  readonly parameters: readonly string[];
}

/** The route of a request; undefined when the path is nobody's. HEAD goes where GET goes. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const parts = path.split('/');
  const matches = routes.flatMap((route) => {
    const parameters = matchParts(route.path.split('/'), parts);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  if (matches.length === 0) return undefined;
  const wanted = method === 'HEAD' ? 'GET' : method;
  const match = matches.find(({ route }) => route.method === wanted);
  if (match !== undefined) return match;
  throw new RequestError(405, {
    code: 'SL0910',
    message: `${path} takes ${matches.map(({ route }) => route.method).join(', ')}, not ${method}`,
  });
}

function matchParts(pattern: readonly string[], parts: readonly string[]): readonly string[] | undefined {
  if (pattern.length !== parts.length) return undefined;
  const parameters: string[] = [];
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index];
    if (!wanted.startsWith(':')) {
      if (wanted !== part) return undefined;
      continue;
    }
    const decoded = decode(part);
    if (decoded === '') return undefined;
    parameters.push(decoded);
  }
  return parameters;
}

/** Empty for what is no valid encoding. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
