import type { Entry, PluginKind, Problem } from '../../fluentbit/index.ts';
import { SHARED_PATHS } from './shared-paths.ts';

/** What a section may do that would reach past its own pipeline: into other records, files, ports, or the process itself. */

const REFUSED_PLUGINS: Readonly<Record<'filter' | 'output', Readonly<Record<string, string>>>> = {
  filter: {
    kubernetes: 'every pipeline has this filter already; its switches are fields of `input.runtime`',
    rewrite_tag: 'with another tag, records go to other pipelines; filter with `grep` instead',
    log_to_metrics: 'what it makes has a tag of its own, which could be that of another pipeline',
  },
  output: {
    exit: 'it ends Fluent Bit, and with it every pipeline',
    file: 'it writes to the disk that all pipelines share',
    lib: 'it is for programs that have Fluent Bit inside',
    plot: 'it writes to the disk that all pipelines share',
    prometheus_exporter: 'it listens on a port of the process that all pipelines share',
    vivo_exporter: 'it listens on a port of the process that all pipelines share',
  },
};

const SET_FOR_YOU = 'remove this line; it is set so that pipelines stay apart';

const OWN_CREDENTIALS =
  'remove this line; declare `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` under `variables`, and this output signs with them';

const REFUSED_OPTIONS: Readonly<Record<string, string>> = {
  match: 'remove this line; a section gets the records of its pipeline, and no others',
  match_regex: 'remove this line; a section gets the records of its pipeline, and no others',
  alias: SET_FOR_YOU,
  emitter_name: SET_FOR_YOU,
  profile: OWN_CREDENTIALS,
  aws_profile: OWN_CREDENTIALS,
  'storage.total_limit_size': 'remove this line; every pipeline may keep 1G on the disk',
  store_dir_limit_size: 'remove this line; every pipeline may keep 1G on the disk',
  upstream: 'write `host` and `port`; in such a file Fluent Bit replaces variables of all pipelines',
  'rdkafka.plugin.library.paths': 'remove this line; it loads code into the process that all pipelines share',
  'tls.windows.certstore_name': 'remove this line',
  'tls.windows.use_enterprise_store': 'remove this line',
  'tls.windows.client_thumbprints': 'remove this line',
};

/** Settings of librdkafka that run programs or load code. */
const REFUSED_OF_KAFKA = /^rdkafka\.(?:sasl\.kerberos\.|ssl\.(?:engine|providers))/;
const RUNS_CODE = 'remove this line; it runs code in the process that all pipelines share';

const MOST_WORKERS = 16;
const MOST_EMITTED_MEGABYTES = 100;

/** Folders and sockets that a section would choose. Where a plugin needs one, it is given one of its pipeline's own. */
const OWN_FOLDER = new Set([
  'blob_database_file',
  'buffer_dir',
  'database_file',
  'fallback_file',
  'fallback_path',
  'kube_meta_preload_cache_dir',
  'oci_la_log_path',
  'static_file_path',
  'store_dir',
  'unix_path',
]);

/** Options that name a file to read: one of the pipeline's own files. */
const READS = new Set([
  'config_file_location',
  'database',
  'google_service_credentials',
  'label_map_path',
  'oauth2.jwt_cert_file',
  'oauth2.jwt_key_file',
  'script',
  'tls.ca_file',
  'tls.ca_path',
  'tls.crt_file',
  'tls.key_file',
  'tls.proxy.ca_file',
  'tls.proxy.ca_path',
  'workload_identity_token_file',
]);

export function readsFile(plugin: string, key: string): boolean {
  if (REFUSED_OF_KAFKA.test(key)) return false;
  if (plugin === 'checklist' && key === 'file') return true;
  return READS.has(key) || /^rdkafka\.(?:.*\.(?:location|keytab|path)|.*\.file(?:\..*)?)$/.test(key);
}

/** A certificate authority of the image is everybody's. */
export function isSharedFile(key: string, value: string): boolean {
  return (
    /(?:^|\.)ca_(?:file|path)$/.test(key) &&
    SHARED_PATHS.some((path) => value.startsWith(path)) &&
    !value.includes('..')
  );
}

export function reachProblems(kind: PluginKind, plugin: string, entries: readonly Entry[]): readonly Problem[] {
  const name = entries.find(({ key }) => key.toLowerCase() === 'name');
  const why = kind === 'input' ? undefined : own(REFUSED_PLUGINS[kind], plugin);
  if (why !== undefined && name !== undefined) {
    const message = `must not use the ${kind} \`${plugin}\``;
    return [refuse(name.valueAt, message, 'reaches outside this pipeline', why)];
  }
  return entries.flatMap((entry) => optionProblems(plugin, entry));
}

function optionProblems(plugin: string, entry: Entry): readonly Problem[] {
  const key = entry.key.toLowerCase();
  const help = own(REFUSED_OPTIONS, key) ?? (key === 'tag' && plugin !== 'forward' ? SET_FOR_YOU : undefined);
  if (help !== undefined)
    return [refuse(entry.keyAt, `must not set \`${key}\``, 'reaches outside this pipeline', help)];
  if (REFUSED_OF_KAFKA.test(key)) {
    return [refuse(entry.keyAt, `must not set \`${key}\``, 'reaches outside this pipeline', RUNS_CODE)];
  }
  if (OWN_FOLDER.has(key)) {
    return [refuse(entry.keyAt, `must not choose \`${key}\``, 'a place on the disk that all share', SET_FOR_YOU)];
  }
  if (plugin === 'lua' && (key === 'code' || key === 'call') && entry.value.includes('${')) {
    return [refuse(entry.valueAt, 'must not have variables in Lua', 'could end the script', 'use `os.getenv("NAME")`')];
  }
  if (plugin === 'expect' && key === 'action' && !/^(?:warn|result_key)$/i.test(entry.value)) {
    return [refuse(entry.valueAt, 'must not end Fluent Bit', 'ends every pipeline', 'write `action warn`')];
  }
  if (plugin === 'lua' && key === 'protected_mode' && !/^(?:on|true|yes)$/i.test(entry.value)) {
    return [refuse(entry.valueAt, 'must not let a mistake in Lua end Fluent Bit', 'ends every pipeline', SET_FOR_YOU)];
  }
  if (key === 'workers' && !(/^\d{1,2}$/.test(entry.value) && Number(entry.value) <= MOST_WORKERS)) {
    const message = `must not have more than ${MOST_WORKERS} \`workers\``;
    return [refuse(entry.valueAt, message, 'threads of the process that all share', 'leave it to Fluent Bit')];
  }
  if (key === 'emitter_mem_buf_limit' && !(megabytesOf(entry.value) <= MOST_EMITTED_MEGABYTES)) {
    const message = `must not keep more than ${MOST_EMITTED_MEGABYTES}M in memory`;
    return [refuse(entry.valueAt, message, 'memory of the process that all share', 'write `10M`')];
  }
  return [];
}

/** NaN for what is no plain size, as `off` is. */
function megabytesOf(size: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i.exec(size) ?? [];
  const factor = { k: 1e-3, m: 1, g: 1e3 }[unit.toLowerCase()] ?? 1e-6;
  return number === undefined ? Number.NaN : Number(number) * factor;
}

function refuse({ start, end }: Entry['keyAt'], message: string, label: string, help: string): Problem {
  return { code: 'SL0134', severity: 'error', message, start, end, label, help };
}

function own<V>(table: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
