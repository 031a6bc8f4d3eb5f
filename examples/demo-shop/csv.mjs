// RFC 4180 with line feeds.
function field(value) {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

// columns: [[name, (row) => value], …]
export function toCsv(columns, rows) {
  const lines = [columns.map(([name]) => field(name)).join(',')];
  for (const row of rows) lines.push(columns.map(([, get]) => field(get(row))).join(','));
  return lines.join('\n') + '\n';
}
