// Splits text into words for Text attributes: runs of letters and digits, without case and diacritics, as SQLite's and
// Elasticsearch's standard tokenizers do. One form for all backends, so that they find the same rows. Pure; any thread.

const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
const MARKS = /\p{M}/gu;

/** Words, lower case, a space before and after each: a phrase is then a substring. Empty text has no words: ' '. */
export function textTokens(text: string): string {
  const words = text.normalize('NFD').toLowerCase().match(WORD) ?? [];
  return ` ${words.map((word) => `${word.replace(MARKS, '')} `).join('')}`;
}

/** Each space-separated part of a query is one phrase; parts without a word are none. */
export function queryPhrases(query: string): readonly string[] {
  return query
    .split(' ')
    .map(textTokens)
    .filter((phrase) => phrase !== ' ');
}
