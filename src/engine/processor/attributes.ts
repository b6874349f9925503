import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { errorMessage, Type } from '../../lib/index.ts';
import {
  type AttributeAction,
  compileItemPatch,
  type ItemPatchSettings,
  type MatchProperties,
  type Signal,
} from '../../pdata/index.ts';
import { type ComponentUse, defineProcessor } from '../component.ts';
import { AttributeActions, actionEnvironment, checkActions } from '../settings/attribute-actions.ts';
import { Count, oneOf, settingsObject } from '../settings/schema.ts';
import { createPatchStage } from './patch-stage.ts';

const Texts = Type.Array(Type.String());
const Attributes = Type.Array(settingsObject({ key: Type.String(), value: Type.Unsafe<AttributeAction['value']>({}) }));

/** Source: filterconfig MatchProperties at 0.149. `regexp`, a cache of results, changes none of them and is not needed here. */
const Match = settingsObject({
  match_type: oneOf('strict', 'regexp'),
  services: Texts,
  span_names: Texts,
  span_kinds: Texts,
  log_bodies: Texts,
  log_severity_texts: Texts,
  log_severity_number: settingsObject({ min: Count, match_undefined: Type.Boolean() }),
  metric_names: Texts,
  attributes: Attributes,
  resources: Attributes,
  libraries: Type.Array(settingsObject({ name: Type.String(), version: Type.String() })),
});

const AttributesConfig = settingsObject({ actions: AttributeActions, include: Match, exclude: Match });
type AttributesConfig = Static<typeof AttributesConfig>;

/** Changes the attributes of spans, data points and log records. */
export const attributesProcessor = defineProcessor({
  schema: AttributesConfig,
  check: checkAttributes,
  create(settings, context) {
    return {
      attach: (stage) =>
        createPatchStage(context, stage, compileItemPatch(stage.signal, patchSettings(settings), actionEnvironment)),
    };
  },
});

function patchSettings({ actions, include, exclude }: AttributesConfig): ItemPatchSettings {
  return {
    actions: (actions ?? []) as readonly AttributeAction[],
    ...(include !== undefined && { include: include as MatchProperties }),
    ...(exclude !== undefined && { exclude: exclude as MatchProperties }),
  };
}

/** What can be matched depends on the signals of the pipelines that name the processor. */
function checkAttributes(settings: AttributesConfig, { signals }: ComponentUse): Issue[] {
  const patch = (signal: Signal, part: ItemPatchSettings) => compileItemPatch(signal, part, actionEnvironment);
  const issues = checkActions(settings.actions, 'actions', (actions) => patch('traces', { actions }));
  for (const side of ['include', 'exclude'] as const) {
    const match = settings[side];
    if (match === undefined) continue;
    for (const signal of signals) {
      try {
        patch(signal, { actions: [], [side]: match as MatchProperties });
      } catch (error) {
        issues.push({ code: 'SL0105', severity: 'error', message: errorMessage(error), path: [side] });
        break;
      }
    }
  }
  return issues;
}
