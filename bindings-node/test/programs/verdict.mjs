// Prints whom a token speaks of, and has nothing else to do.
import { Validator } from 'at9068';

const { options, token } = JSON.parse(process.argv[2]);
const validator = new Validator(options, { events: () => {} });
validator.validate(token).then(({ sub }) => console.log(sub));
