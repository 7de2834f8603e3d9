// About how many tokens a text is, where no API has counted them yet.

/** Code and JSON have between three and four; fewer make more tokens, and a bound is not to be passed. */
const LETTERS_PER_TOKEN = 3;

/** Rather too many than too few. */
export const tokensOf = (letters: number): number => Math.ceil(letters / LETTERS_PER_TOKEN);
