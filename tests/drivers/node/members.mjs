const WHITE = ' \t\r\n';

/**
 * Slices a JSON object into its members, each as the text that it has in the line: configuration
 * and requests reach the package as they were sent, and no number type comes between.
 *
 * The line must be JSON; that is for the caller to know.
 */
export function members(line) {
  const found = new Map();
  let at = skip(line, skip(line, 0) + 1);
  while (line[at] !== '}') {
    const nameEnd = endOfString(line, at);
    const name = JSON.parse(line.slice(at, nameEnd));
    const start = skip(line, skip(line, nameEnd) + 1);
    const end = endOfValue(line, start);
    found.set(name, line.slice(start, end).trimEnd());
    at = line[end] === ',' ? skip(line, end + 1) : end;
  }
  return found;
}

/** Slices a JSON array into its elements, in the same way. */
export function elements(line) {
  const found = [];
  let at = skip(line, skip(line, 0) + 1);
  while (line[at] !== ']') {
    const end = endOfValue(line, at);
    found.push(line.slice(at, end).trimEnd());
    at = line[end] === ',' ? skip(line, end + 1) : end;
  }
  return found;
}

function skip(line, at) {
  while (at < line.length && WHITE.includes(line[at])) at += 1;
  return at;
}

/** Just behind the closing quote of the string that begins here. */
function endOfString(line, at) {
  for (at += 1; line[at] !== '"'; at += 1) if (line[at] === '\\') at += 1;
  return at + 1;
}

/** At the comma, brace or bracket that follows the value. */
function endOfValue(line, at) {
  for (let depth = 0; ; at += 1) {
    const c = line[at];
    if (c === '"') {
      at = endOfString(line, at) - 1;
    } else if (depth === 0 && ',}]'.includes(c)) {
      return at;
    } else if (c === '{' || c === '[') {
      depth += 1;
    } else if (c === '}' || c === ']') {
      depth -= 1;
    }
  }
}
