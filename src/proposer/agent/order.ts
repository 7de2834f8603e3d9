// What the supervisor of a coding agent is ordered to do.
import type { Agents } from '../../agents.ts';
import { allowanceHere } from '../../trainer/allowance.ts';
import type { Environment } from '../../trainer/environment.ts';
import { agentSandboxCommand } from '../../trainer/sandbox.ts';
import { sandboxHere } from '../../trainer/sandbox-probe.ts';
import { trialSpecSchema, type TrialSpec } from '../../trainer/trial-spec.ts';
import type { AgentPlace } from './place.ts';
import { commandLine, templateOf } from './presets.ts';
import { agentEnvironment, agentView } from './surroundings.ts';

/** What an agent is told beside its prompt. */
export interface AgentTold {
  /** The session's word for it. */
  readonly command: string;
  readonly editable: readonly string[];
  readonly model: string | undefined;
  /** Places that it must not see, beside those that no agent sees. */
  readonly hidden: readonly string[];
}

/** An order, and what it inherits: keys, which stand in no file. */
export interface AgentOrder {
  readonly spec: TrialSpec;
  readonly secrets: Environment;
}

/** Between TERM and KILL. */
const GRACE_SECONDS = 5;

/** The order of one agent. It runs in its tree's top folder, since the paths that it is told begin there. */
export function agentOrder({ env: workerEnv, root, seconds }: Agents, place: AgentPlace, told: AgentTold): AgentOrder {
  const { env, secrets } = agentEnvironment(place, workerEnv, told);
  const maker = sandboxHere();
  const spec = trialSpecSchema.parse({
    id: place.id,
    command: commandLine(templateOf(told.command)),
    cwd: '.',
    sandbox: maker.sandbox === 'bubblewrap' ? maker.sandbox : 'none',
    // Links in its HOME and folders to write in have to be there when it starts; they are, since the tree is made first.
    shield: agentSandboxCommand(maker, agentView(place, workerEnv, [root, ...told.hidden])),
    allowance: allowanceHere(),
    env,
    inherit: Object.keys(secrets),
    seconds,
    startupSeconds: 0,
    stallSeconds: seconds, // many say nothing until they are done
    graceSeconds: GRACE_SECONDS,
    device: 'none',
  });
  return { spec, secrets };
}
