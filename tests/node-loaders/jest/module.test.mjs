import * as at9068 from 'at9068';
import * as hono from 'at9068/hono';
import { works } from '../works.cjs';

test('Jest loads the package as ES modules', async () => {
  await works(at9068, hono);
});
