// Prints whom a token speaks of, and has nothing else to do; or ends soon, if told so.
import { Validator } from 'at9068';

const { options, token, exit } = JSON.parse(process.argv[2]);
const validator = new Validator(options, { events: () => {} });
validator.validate(token).then(({ sub }) => console.log(sub));
if (exit !== undefined) setTimeout(() => process.exit(exit), 200);
