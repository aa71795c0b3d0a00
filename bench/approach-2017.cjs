// The start script of 2017, for comparison only: probe each log dir's `.lock` in turn, let go of it again, take the first
// free one. What it gets wrong is in the README. Usage: node approach-2017.cjs VOLUME SERVER_PROPERTIES
const fs = require('node:fs');
const path = require('node:path');
const { tryLock } = require('fs-native-extensions');

const [volume, config] = process.argv.slice(2);
const ids = fs
  .readdirSync(volume)
  .flatMap((name) => /^kafka-logs-(\d+)$/.exec(name)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b);
const free = ids.find((id) => {
  const fd = fs.openSync(path.join(volume, `kafka-logs-${id}`, '.lock'), 'a+');
  try {
    return tryLock(fd);
  } finally {
    fs.closeSync(fd);
  }
});
if (free === undefined) process.exit(1);
fs.writeFileSync(config, `broker.id=${free}\nlog.dirs=${path.join(volume, `kafka-logs-${free}`)}\n`);
