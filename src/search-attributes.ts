// Registers the session's search attributes and says which of them may be used. A wrong type is accepted in silence
// when registering, and then fails every workflow task for ever: so what is there is listed, with its type.
import type { NativeConnection } from '@temporalio/worker';

/** Name to type, in the numbers of Temporal's IndexedValueType. */
const WANTED: Readonly<Record<string, number>> = {
  SessionStatus: 2, // Keyword
  ResearchTask: 2,
  Experiments: 3, // Int
  Kept: 3,
  BestScore: 4, // Double
};

/** Makes the search attributes known to the server; returns those that it has with the right type. */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<string[]> {
  const { operatorService } = connection;
  const there = async (): Promise<Readonly<Record<string, unknown>>> =>
    (await operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
  try {
    const before = await there();
    const missing = Object.entries(WANTED).filter(([name]) => before[name] === undefined);
    if (missing.length > 0) {
      await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
    }
    const after = await there();
    return Object.keys(WANTED).filter((name) => Number(after[name]) === WANTED[name]);
  } catch {
    // A namespace that does not let us register (Cloud, say): sessions run without.
    return [];
  }
}
