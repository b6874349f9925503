import type { PipelineKind, PipelineResource } from '../apis/index.ts';
import { formatPath, type Issue } from '../diagnostics/index.ts';
import { isOfFluentBit } from './of-fluent-bit.ts';

/** A condition as Kubernetes has it, without what only the cluster knows: its time and the generation. */
export interface Condition {
  readonly type: 'ConfigurationGenerated';
  readonly status: 'True' | 'False';
  readonly reason: ConfigurationReason;
  readonly message: string;
}

/** What compiling says about one resource. */
export interface PipelineStatus {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly conditions: readonly Condition[];
  /** Of a LogPipeline that Fluent Bit runs: sections of the user's own are in it, which nobody can answer for. */
  readonly unsupportedMode?: boolean;
}

/** Upstream's words, in the order in which it looks: of several mistakes the first is told. */
const FAULTS = [
  'ReferencedSecretMissing',
  'EndpointInvalid',
  'TLSConfigurationInvalid',
  'TLSCertificateExpired',
  'MaxPipelinesExceeded',
  'OTTLSpecInvalid',
  'RuntimeAdditionalMetricInvalid',
  'ValidationFailed',
] as const;
type Fault = (typeof FAULTS)[number];

/** `CollectorCrashed` only where the result runs: compiling cannot know. */
export type ConfigurationReason =
  | Fault
  | 'GatewayConfigured'
  | 'AgentConfigured'
  | 'TLSCertificateAboutToExpire'
  | 'CollectorCrashed';

/** What has no word of its own failed a check. */
const FAULT_OF_CODE: Readonly<Record<string, Fault>> = {
  SL0110: 'EndpointInvalid',
  SL0118: 'RuntimeAdditionalMetricInvalid',
  SL0401: 'ReferencedSecretMissing',
  SL0402: 'ReferencedSecretMissing',
  SL0405: 'MaxPipelinesExceeded',
  SL0407: 'TLSConfigurationInvalid',
  SL0408: 'ReferencedSecretMissing',
  SL0409: 'TLSCertificateExpired',
};

const ABOUT_TO_EXPIRE = 'SL0410';
const NO_INPUT = 'SL0307';

/** Its help names other keys of the Secret, and whoever reads a status may not be allowed to read that. */
const MISSING_KEY = 'SL0402';

interface Identity {
  readonly kind: PipelineKind;
  readonly name: string;
}

/** The conditions of a resource; `resource` is absent where it could not be read. `issues` are all that were found in it. */
export function pipelineStatus(
  { kind, name }: Identity,
  { resource, issues }: { readonly resource?: PipelineResource; readonly issues: readonly Issue[] },
): PipelineStatus {
  const errors = issues.filter(({ severity }) => severity === 'error');
  const condition = errors.length > 0 ? failed(errors) : generated(kind, { resource, issues });
  return { kind, name, conditions: [condition], ...unsupportedMode(resource) };
}

function failed(errors: readonly Issue[]): Condition {
  const found = new Set(errors.map(faultOf));
  const reason = FAULTS.find((fault) => found.has(fault)) ?? 'ValidationFailed';
  const told = errors.filter((issue) => faultOf(issue) === reason);
  const others = errors.length - 1;
  const more = others === 0 ? '' : `; and ${others} more ${others === 1 ? 'mistake' : 'mistakes'}`;
  return { type: 'ConfigurationGenerated', status: 'False', reason, message: `${sentenceOf(told[0]!)}${more}` };
}

function faultOf({ code }: Issue): Fault {
  return code.startsWith('SL02') ? 'OTTLSpecInvalid' : (FAULT_OF_CODE[code] ?? 'ValidationFailed');
}

function generated(
  kind: PipelineKind,
  { resource, issues }: { readonly resource: PipelineResource | undefined; readonly issues: readonly Issue[] },
): Condition {
  const expiring = issues.find(({ code }) => code === ABOUT_TO_EXPIRE);
  if (expiring !== undefined) {
    const message = sentenceOf(expiring);
    return { type: 'ConfigurationGenerated', status: 'True', reason: 'TLSCertificateAboutToExpire', message };
  }
  const agent = resource !== undefined && isOfFluentBit(resource);
  const idle = issues.find(({ code }) => code === NO_INPUT);
  const runsIn = `${kind} is part of the configuration of ${agent ? 'Fluent Bit' : 'its collectors'}`;
  return {
    type: 'ConfigurationGenerated',
    status: 'True',
    reason: agent ? 'AgentConfigured' : 'GatewayConfigured',
    message: idle === undefined ? runsIn : sentenceOf(idle),
  };
}

/** With the field it is about, and without the reason, which stands beside it, or help that is about a command. */
function sentenceOf({ code, message, path, help }: Issue): string {
  const text = message.replace(/ \([A-Z][A-Za-z]+\)$/, '');
  const field = path === undefined || path.length === 0 || /`(spec|metadata)\./.test(text) ? '' : formatPath(path);
  const isAboutField = field !== '' && !/^[A-Z][A-Za-z]+Pipeline `/.test(text) && !text.startsWith('the queue ');
  const named = isAboutField ? `${field}: ${text}` : text;
  return help === undefined || code === MISSING_KEY || /`(-|sluice )/.test(help) ? named : `${named} (${help})`;
}

function unsupportedMode(resource: PipelineResource | undefined): { readonly unsupportedMode?: boolean } {
  if (resource === undefined || resource.kind !== 'LogPipeline' || !isOfFluentBit(resource)) return {};
  const { output, filters = [] } = resource.spec;
  return { unsupportedMode: 'custom' in output || filters.some(({ custom = '' }) => custom !== '') };
}
