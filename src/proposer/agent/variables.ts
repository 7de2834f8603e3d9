// The environment of coding agents, by name.

/** Keys and settings of agents and of the models that they ask. No candidate ever gets one of them. */
const AGENT_VARIABLES = [
  'ANTHROPIC_',
  'CLAUDE_',
  'OPENAI_',
  'CODEX_',
  'GEMINI_',
  'GOOGLE_',
  'OPENCODE_',
  'AIDER_',
  'OPENROUTER_',
  'AZURE_',
  'AWS_',
  'DEEPSEEK_',
  'MISTRAL_',
  'GROQ_',
  'XAI_',
  'OLLAMA_',
];

/** Whether a coding agent gets this variable of the control worker. */
export const isAgentVariable = (name: string): boolean => AGENT_VARIABLES.some((prefix) => name.startsWith(prefix));

const SECRET = /(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL)/;

/** Whether it is one of their keys. */
export const isAgentKey = (name: string): boolean => isAgentVariable(name) && SECRET.test(name);
