import { type HttpOutput, type LoadedResource, parseEndpoint } from '../../apis/index.ts';
import { formatPath, type Path, suggest } from '../../diagnostics/index.ts';
import { lineBreakHelp } from '../credentials.ts';
import type { SecretText } from '../graph.ts';
import { sourceOf } from '../node-source.ts';
import type { SecretValues, TextCheck } from '../secret-values.ts';
import { resolveTls } from '../tls-setting.ts';
import type { HttpOutputNode } from './graph.ts';

const HTTP: Path = ['spec', 'output', 'http'];

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'zstd'];
const FORMATS = ['gelf', 'json', 'json_stream', 'json_lines', 'msgpack'];

/** Everything is taken as it is written: Fluent Bit has no `$$`. */
export function resolveHttp(loaded: LoadedResource, output: HttpOutput, values: SecretValues): HttpOutputNode {
  const host = values.read([...HTTP, 'host'], output.host, { exact: true });
  values.check([...HTTP, 'host'], host, hostProblem);
  if (/\s/.test(output.uri)) {
    values.report([...HTTP, 'uri'], { code: 'SL0133', message: 'must not hold blanks', help: 'write `%20`' });
  }
  checkWord('compress', output.compress, COMPRESSIONS, values);
  checkWord('format', output.format, FORMATS, values);
  return {
    kind: 'exporter',
    type: 'http',
    host,
    ...credential('user', output, values),
    ...credential('password', output, values),
    uri: output.uri,
    port: portOf(output.port, values),
    compress: output.compress,
    format: output.format,
    tls: resolveTls([...HTTP, 'tls'], output.tls, output.tls?.insecure === true, values),
    dedot: output.dedot,
    ...sourceOf(loaded, HTTP),
  };
}

function credential(
  field: 'user' | 'password',
  output: HttpOutput,
  values: SecretValues,
): Partial<Record<typeof field, SecretText>> {
  const source = output[field];
  if (source === undefined) return {};
  const text = values.read([...HTTP, field], source, { exact: true });
  values.check([...HTTP, field], text, environmentProblem);
  return { [field]: text };
}

/** What an environment variable cannot carry to Fluent Bit. */
export const environmentProblem: TextCheck = (text) => {
  if (text === '') return { code: 'SL0138', message: 'is empty, which counts as not set' };
  return text.includes('\0') ? { code: 'SL0138', message: 'holds a NUL character' } : undefined;
};

const hostProblem: TextCheck = (text) => {
  const endpoint = parseEndpoint(text);
  if (endpoint !== undefined && endpoint.host === text) return undefined;
  const message = 'must be a host name or address alone (EndpointInvalid)';
  if (endpoint?.scheme === undefined && endpoint?.port === undefined && endpoint?.path === undefined) {
    return { code: 'SL0110', message, help: lineBreakHelp(text) };
  }
  return {
    code: 'SL0110',
    message,
    label: 'more than a host',
    help: `write the port under \`${formatPath([...HTTP, 'port'])}\`, the path under \`uri\`; \`tls.insecure\` stands for http://`,
  };
};

function portOf(port: string, values: SecretValues): number {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65535) {
    values.report([...HTTP, 'port'], { code: 'SL0133', message: 'must be a port, 1 to 65535', label: 'not a port' });
  }
  return number;
}

function checkWord(field: 'compress' | 'format', word: string, words: readonly string[], values: SecretValues): void {
  if (words.includes(word)) return;
  const near = suggest(word, words);
  values.report([...HTTP, field], {
    code: 'SL0133',
    message: `must be one of ${words.map((one) => `\`${one}\``).join(', ')}`,
    label: 'Fluent Bit has no such word',
    ...(near === undefined ? {} : { help: `did you mean \`${near}\`?` }),
  });
}
