// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what Fluent Bit replaces
import type { CodeEntry } from './code-entry.ts';

/** What can be wrong with sections, files and parsers for Fluent Bit. */
export const FLUENT_BIT_CODES: readonly CodeEntry[] = [
  {
    code: 'SL0130',
    title: 'not a section of Fluent Bit',
    severity: 'error',
    explanation:
      'A custom filter or output is the lines of one section without its header, each a key, a space and a value. A header, `@INCLUDE`, `@SET` or a second `name` would reach the configuration that all pipelines share.',
    example: 'filters:\n  - custom: |\n      Name grep\n      @INCLUDE other.conf',
    fixed: 'filters:\n  - custom: |\n      Name grep\n      Regex log error',
    fix: 'Write one section; a second filter is a second item of the list.',
  },
  {
    code: 'SL0131',
    title: 'plugin unknown to Fluent Bit',
    severity: 'error',
    explanation:
      'Fluent Bit does not start when one of its sections names a plugin it does not have, and with it no pipeline would run. The plugins are those of Fluent Bit 5.1.1.',
    example: 'filters: [{custom: "Name grap"}]',
    fixed: 'filters: [{custom: "Name grep"}]',
    fix: 'Correct the name of the plugin.',
  },
  {
    code: 'SL0132',
    title: 'option unknown to the plugin',
    severity: 'error',
    explanation:
      'Fluent Bit does not start when a plugin is given an option it does not have, and with it no pipeline would run.',
    example: 'filters: [{custom: "Name grep\\nRegx log error"}]',
    fixed: 'filters: [{custom: "Name grep\\nRegex log error"}]',
    fix: 'Correct the name of the option; its case does not matter.',
  },
  {
    code: 'SL0133',
    title: 'option of a plugin not usable',
    severity: 'error',
    explanation:
      'An option has a value that the plugin cannot read, such as a word where a number must stand or a pattern with an open bracket, or one that the plugin needs is missing. Fluent Bit would not start.',
    example: 'output: {custom: "Name http\\nPort https"}',
    fixed: 'output: {custom: "Name http\\nPort 443"}',
    fix: 'Write a value of the kind that the message names.',
  },
  {
    code: 'SL0134',
    title: 'section reaches outside its pipeline',
    severity: 'error',
    explanation:
      'All pipelines with such an output share one Fluent Bit. A section must not take or make records of other pipelines, read or write files that are not its own, listen on ports, or stop the process.',
    example: 'filters: [{custom: "Name grep\\nMatch *\\nRegex log error"}]',
    fixed: 'filters: [{custom: "Name grep\\nRegex log error"}]',
    fix: 'Remove the line: records of the own pipeline are matched anyway. Files stand under `files`.',
  },
  {
    code: 'SL0135',
    title: 'variable not declared',
    severity: 'error',
    explanation:
      'Fluent Bit replaces `${NAME}` by an environment variable. Only the names that the pipeline has under `variables` are, and `HOSTNAME`, `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, which every Pod has; any other could be the secret of somebody else.',
    example: 'output: {custom: "Name http\\nhttp_passwd ${PASSWORD}"}',
    fixed:
      'output: {custom: "Name http\\nhttp_passwd ${PASSWORD}"}\nvariables: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: token}}}]',
    fix: 'Declare the name under `variables`, with the key of the Secret that holds its value.',
  },
  {
    code: 'SL0136',
    title: 'file or variable not usable',
    severity: 'error',
    explanation:
      'Files and variables of a pipeline have a name each, which is used once. The name of a file has no folder; that of a variable is letters, digits and underscores.',
    example: 'files: [{name: a.lua, content: return 1}, {name: a.lua, content: return 2}]',
    fixed: 'files: [{name: a.lua, content: return 1}, {name: b.lua, content: return 2}]',
    fix: 'Rename one of the two.',
  },
  {
    code: 'SL0137',
    title: 'parser name of Fluent Bit itself',
    severity: 'error',
    explanation: 'Fluent Bit has a parser of this name already, and does not start when another one has the same.',
    example:
      'apiVersion: telemetry.kyma-project.io/v1alpha1\nkind: LogParser\nmetadata: {name: nginx}\nspec: {parser: "Format json"}',
    fixed:
      'apiVersion: telemetry.kyma-project.io/v1alpha1\nkind: LogParser\nmetadata: {name: my-nginx}\nspec: {parser: "Format json"}',
    fix: 'Give the LogParser another name.',
  },
  {
    code: 'SL0138',
    title: 'text not representable for Fluent Bit',
    severity: 'error',
    explanation:
      'Secrets reach Fluent Bit as environment variables, which hold no NUL character, and an empty one counts as not set.',
    example: 'variables:\n  - name: TOKEN\n    valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: empty}}',
    fixed: 'variables:\n  - name: TOKEN\n    valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: token}}',
    fix: 'Correct the value in the Secret.',
  },
  {
    code: 'SL0430',
    title: 'parser not found',
    severity: 'warning',
    explanation:
      'A filter names a parser that neither Fluent Bit has nor a LogParser defines. Fluent Bit would not start, so the name is left out, and the filter with it when it names no other.',
    example: 'filters: [{custom: "Name parser\\nKey_Name log\\nParser nginxx"}]',
    fixed: 'filters: [{custom: "Name parser\\nKey_Name log\\nParser nginx"}]',
    fix: 'Correct the name, or add a LogParser.',
  },
];
