import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestError } from './reply.ts';

export interface RouteContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The part of the path that `:name` stood for. */
  readonly parameter: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** A path; its last part may be `:name`, which stands for any one part. */
  readonly path: string;
  readonly handle: (context: RouteContext) => void | Promise<void>;
}

export interface Match {
  readonly route: Route;
  readonly parameter: string;
}

/** The route of a request; undefined when the path is nobody's. HEAD goes where GET goes. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const matches = routes.flatMap((route) => matchPath(route, path));
  if (matches.length === 0) return undefined;
  const wanted = method === 'HEAD' ? 'GET' : method;
  const match = matches.find(({ route }) => route.method === wanted);
  if (match !== undefined) return match;
  throw new RequestError(405, {
    code: 'SL0910',
    message: `${path} takes ${matches.map(({ route }) => route.method).join(', ')}, not ${method}`,
  });
}

function matchPath(route: Route, path: string): readonly Match[] {
  if (route.path === path) return [{ route, parameter: '' }];
  const [prefix, name] = route.path.split(':');
  if (name === undefined || !path.startsWith(prefix)) return [];
  const parameter = path.slice(prefix.length);
  return parameter === '' || parameter.includes('/') ? [] : [{ route, parameter }];
}
