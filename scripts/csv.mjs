// Reads CSV as RFC 4180 has it, with a header line: one object a row.
export function parseCsv(text) {
  const rows = [[]];
  // A field is quoted (with "" for a quote) or plain, and ends with a comma, a line end or the text.
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',' && end !== '') rows.push([]);
  }
  const [header, ...records] = rows.filter((row) => row.length > 1 || row[0] !== '');
  return records.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}
