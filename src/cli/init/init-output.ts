import { parseEndpoint } from '../../apis/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { InitOutput } from './pipeline-file.ts';

const JAEGER: InitOutput = { kind: 'otlp', protocol: 'grpc', endpoint: 'http://localhost:14317' };

/** `otlp=URL`, `file=PATH`, `stdout`, `jaeger`. */
export function parseInitOutput(text: string): InitOutput {
  const equals = text.indexOf('=');
  const word = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  if (word === 'stdout' && value === undefined) return { kind: 'stdout' };
  if (word === 'jaeger' && value === undefined) return JAEGER;
  if (word === 'file' && value) return { kind: 'file', path: value };
  if (word === 'otlp' && value) return otlpOutput(value);
  throw new CliError(
    EXIT.usage,
    'SL0903',
    `--to takes \`otlp=URL\`, \`file=PATH\`, \`stdout\` or \`jaeger\`, got \`${text}\``,
  );
}

/** A path, or the usual port, says HTTP; without a scheme, a backend on this machine is taken to speak plain text. */
function otlpOutput(text: string): InitOutput {
  const { host = '', port, path = '', scheme } = parseEndpoint(text) ?? {};
  const isLocal = ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host);
  const endpoint = scheme === undefined && isLocal ? `http://${text}` : text;
  const isHttp =
    path.replace(/\/+$/, '') !== '' ||
    String(port ?? '').endsWith('4318') ||
    (scheme === 'https' && port === undefined);
  return { kind: 'otlp', protocol: isHttp ? 'http' : 'grpc', endpoint };
}
