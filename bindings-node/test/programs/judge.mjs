// Answers each token that it is sent with whom it speaks of, or with the code of the refusal.
import { Validator } from 'at9068';

const validator = new Validator(JSON.parse(process.argv[2]).options);
process.on('message', async (token) => {
  if (token === null) process.disconnect();
  else process.send([await validator.validate(token).then(({ sub }) => sub, ({ code }) => code)]);
});
process.send('ready');
