/** What somebody else said, as a sentence that another may follow: `exited with code 1` becomes `exited with code 1.` */
export function sentence(text: string): string {
  const words = text.trim();
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}
