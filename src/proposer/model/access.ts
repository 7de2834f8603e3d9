// Who may ask a model: keys, and where they must not be.
import { isAgentKey } from '../agent/variables.ts';

const KEY = 'ANTHROPIC_API_KEY';
const TOKEN = 'ANTHROPIC_AUTH_TOKEN';
const URL_NAME = 'ANTHROPIC_BASE_URL';

/** An environment for who asks no model: candidates of the same user could read it where there is no sandbox. */
export function withoutKeys(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isAgentKey(name)));
}

/** A text without these words, which nobody may read in it. */
export const masked = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((words, secret) => words.replaceAll(secret, '***'), text);

/** Where the API is, and who asks. */
export interface Access {
  readonly apiKey: string | undefined;
  readonly authToken: string | undefined;
  readonly baseUrl: string | undefined;
}

/** The access that an environment gives, or why it gives none, in one sentence; never with the key in it. */
export function accessIn(env: Readonly<Record<string, string | undefined>>): Access | string {
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  const [apiKey, authToken, baseUrl] = [value(KEY), value(TOKEN), value(URL_NAME)];
  if (apiKey === undefined && authToken === undefined)
    return `Expected ${KEY} in the environment of the control worker, which the proposers \`anthropic\` and \`hybrid\`, and a reviewer, need, got none; set it, then \`npx autoresearch down\` and start again.`;
  if ([apiKey, authToken].some((secret) => secret !== undefined && !/^[\u0021-\u007e]+$/.test(secret)))
    return `Expected ${KEY} to be one line without blanks, got something else; set it anew, then \`npx autoresearch down\` and start again.`;
  const url = baseUrl === undefined ? null : parsed(baseUrl);
  if (baseUrl !== undefined && (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== ''))
    return `Expected ${URL_NAME} to be an http(s) address without a name and password, got another; set it anew, then \`npx autoresearch down\` and start again.`;
  return { apiKey, authToken, baseUrl };
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
