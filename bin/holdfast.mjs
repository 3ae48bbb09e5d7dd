#!/usr/bin/env node
// Plain JavaScript, and nothing imported statically: on an old Node the first line must say what to do, not fail to parse.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Holdfast needs Node 20.19 or newer; this is ${process.versions.node}. Install Node 22 (https://nodejs.org), then run the same command again.`);
  process.exit(1);
}
const { buildIfStale } = await import('./build.mjs');
buildIfStale();
await import('../dist/src/cli.js');
