// Run by Holdfast as the configured power command of simulated machines: node ask-bmc.mjs <bmc.json> <action> <host>
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [file, action, host] = process.argv.slice(2);
const { port, token } = JSON.parse(readFileSync(file, 'utf8'));
const socket = connect(port, '127.0.0.1', () => socket.write(`${token} ${action} ${host}\n`));
let said = '';
const fail = (why) => {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
};
socket.on('data', (chunk) => {
  said += chunk;
});
socket.on('error', (error) => fail(error.message));
socket.on('end', () => {
  if (said.startsWith('ok\n')) process.stdout.write(said.slice(3));
  else fail(said.trim() || 'the simulated BMC hung up');
});
