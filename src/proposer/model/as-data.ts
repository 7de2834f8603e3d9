/** Text that is no instruction. Its end cannot be forged: the mark is taken out of the text. */
export function asData(name: string, text: string): string {
  return `<data ${name}>\n${text.replaceAll(/<(\/?)data/gi, '<$1 data').replace(/\n$/, '')}\n</data>`;
}
