/** Run as a process of its own: asks for the token of an account in a folder of tokens, and says which it got. */
import { oauth } from 'fuseline/auth';
import { fileTokens } from 'fuseline/auth/file';

const [, , origin = '', folder = ''] = process.argv;
const auth = oauth({
  tokenUrl: `${origin}/token`,
  clientId: 'app',
  clientSecret: 'hush: &+%',
  grant: 'refresh_token',
  store: fileTokens({ folder }),
});
console.log('asking');
try {
  console.log(`token ${await auth.for('ana').get()}`);
} catch (error) {
  console.log(`failed ${String(error)}`);
}
