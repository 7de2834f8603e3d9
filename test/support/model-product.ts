import { startMessagesApi, type Asked, type MessagesApi, type Reply } from './messages-api.ts';
import { createProduct, type Product } from './product.ts';

/** A product that has a key, and a Messages API on loopback to ask with it; `close` ends both. */
export interface ModelProduct extends Product {
  readonly api: MessagesApi;
}

/** Makes the product and starts the API, which `answer` plays. */
export async function createModelProduct(
  answer: (asked: Asked, before: number) => Reply,
  { key, prices = {} }: { readonly key: string; readonly prices?: object },
): Promise<ModelProduct> {
  const api = await startMessagesApi(answer);
  const more = {
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_BASE_URL: api.url,
    AUTORESEARCH_PRICES: JSON.stringify(prices),
  };
  const product = await createProduct({ trialSeconds: 1, more });
  const close = async (): Promise<void> => {
    await product.close();
    await api.close();
  };
  return { ...product, api, close };
}
