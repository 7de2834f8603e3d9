// Who may ask a model: keys, and where they must not be.

const KEY = 'ANTHROPIC_API_KEY';
const TOKEN = 'ANTHROPIC_AUTH_TOKEN';

/** An environment for who asks no model: candidates of the same user could read it where there is no sandbox. */
export function withoutKeys(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const { [KEY]: _key, [TOKEN]: _token, ...rest } = env;
  return rest;
}

/** Where the API is, and who asks. */
export interface Access {
  readonly apiKey: string | undefined;
  readonly authToken: string | undefined;
  readonly baseUrl: string | undefined;
}

/** The access that an environment gives; null without a key or a token. */
export function accessIn(env: Readonly<Record<string, string | undefined>>): Access | null {
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  const [apiKey, authToken] = [value(KEY), value(TOKEN)];
  if (apiKey === undefined && authToken === undefined) return null;
  return { apiKey, authToken, baseUrl: value('ANTHROPIC_BASE_URL') };
}
