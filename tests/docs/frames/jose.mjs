// jose and this library, on the same tokens.
import assert from 'node:assert/strict';
import { compare, mint, verdicts } from './as_example.mjs';
import { validate as after } from './after.mjs';
import { validate as before } from './before.mjs';

// <<< file before >>>
// <<< file after >>>

compare('docs/from-jose.md', await verdicts(before, after));
const good = await mint({ subject: 'user-1', scope: 'read:patients' });
assert.deepEqual(await before(good), await after(good));
