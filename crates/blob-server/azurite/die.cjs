// Node.js loads this before Azurite, which then dies as a real storage account would: at once, in the
// middle of whatever it does, but without forgetting what it has acknowledged.
//
// Azurite writes its metadata only every five seconds, so a plain SIGKILL loses blobs that were put.
// On SIGUSR2 the metadata is written and the process killed in one turn of the event loop: no answer
// can leave in between.

const fs = require('node:fs');
const { createRequire } = require('node:module');

const Loki = createRequire(fs.realpathSync(process.argv[1]))('lokijs');
const databases = new Set();

const enable = Loki.prototype.autosaveEnable;
Loki.prototype.autosaveEnable = function remember(...parameters) {
  databases.add(this);
  return enable.apply(this, parameters);
};

process.on('SIGUSR2', die);

function die() {
  const all = [...databases];
  if (all.length === 0) {
    throw new Error('this Azurite keeps its metadata in another way than die.cjs knows');
  }
  if (all.some((database) => database.throttledSavePending)) {
    // A save under way would put its older contents over ours.
    setTimeout(die, 1);
    return;
  }
  for (const database of all) {
    const fresh = `${database.filename}~last`;
    fs.writeFileSync(fresh, database.serialize());
    fs.renameSync(fresh, database.filename);
  }
  process.kill(process.pid, 'SIGKILL');
}
