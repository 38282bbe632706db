// Prints the code of a verdict that it did not wait for.
import { Validator } from 'at9068';

const { options, token } = JSON.parse(process.argv[2]);
try {
  new Validator(options, { events: () => {} }).validateSync(token);
} catch (error) {
  console.log(error.code);
}
